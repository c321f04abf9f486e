package io.millstream.server.broker;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.millstream.api.Backend;

import java.util.function.Consumer;

/// A store as the broker needs it.
///
/// @param backend its face
/// @param onStopped registers whom to tell why, once, if the store stops without being asked to
/// @param meters what it counts
public record OpenStore(
        Backend backend, Consumer<Consumer<Throwable>> onStopped, MeterBinder meters) {}
