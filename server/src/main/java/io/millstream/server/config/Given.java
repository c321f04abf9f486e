package io.millstream.server.config;

/// A value that somebody gave.
///
/// @param value as written
/// @param where who gave it, as the beginning of a sentence: `--aws.port`, `MILLSTREAM_AWS_PORT`
record Given(String value, String where) {}
