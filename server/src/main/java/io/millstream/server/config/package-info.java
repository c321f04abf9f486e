/// The settings of a server: one set of names for the command line, the environment and the
/// settings file, read into one validated record. Knows nothing of what the settings are used for.
@NullMarked
package io.millstream.server.config;

import org.jspecify.annotations.NullMarked;
