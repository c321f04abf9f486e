/// Where everything is wired together: the entry point, the configuration and the start-up order.
/// The only package that reads the environment.
@NullMarked
package io.millstream.server;

import org.jspecify.annotations.NullMarked;
