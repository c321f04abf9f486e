package io.millstream.server.broker;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.millstream.api.Backend;
import io.millstream.engine.Backup;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A store as the broker needs it.
///
/// @param backend its face
/// @param onStopped registers whom to tell why, once, if the store stops without being asked to
/// @param meters what it counts
/// @param backups begins a backup
public record OpenStore(
        Backend backend,
        Consumer<Consumer<Throwable>> onStopped,
        MeterBinder meters,
        Supplier<CompletionStage<Backup>> backups) {}
