/// The entry point, and the one place that knows which store a server stands on. The only package
/// that reads the environment.
@NullMarked
package io.millstream.server;

import org.jspecify.annotations.NullMarked;
