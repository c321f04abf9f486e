package io.millstream.engine.log;

import java.io.Serializable;

/// One place where a file is not what was written.
///
/// @param file its name
/// @param offset where in it, in bytes
/// @param what is wrong there, as a clause
public record Damage(String file, long offset, String what) implements Serializable {}
