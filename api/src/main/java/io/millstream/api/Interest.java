package io.millstream.api;

/// What a [Session#watch] is told about.
public sealed interface Interest {

    /// Whether publishes are being taken.
    record Pressure() implements Interest {}

    /// Which channels exist and how they are defined.
    record Definitions() implements Interest {}

    /// The rows of a table. One that goes by itself when its time has come is not told: its view
    /// has said when.
    ///
    /// @param table which
    /// @param prefix of the keys
    record Rows(String table, String prefix) implements Interest {}
}
