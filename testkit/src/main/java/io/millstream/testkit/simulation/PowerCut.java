package io.millstream.testkit.simulation;

/// A [SimulatedDisk] stopped in the middle of an operation, and with it everything.
///
/// An error, so that code that handles a disk's failures does not handle this: a machine without
/// power handles nothing. Only the simulation catches it.
public final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;

    PowerCut(String message) {
        super(message);
    }
}
