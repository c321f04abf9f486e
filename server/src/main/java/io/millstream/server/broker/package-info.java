/// One running server: opens the store and the doors in reading order and closes them in reverse.
/// It is given its settings and prints nothing.
@NullMarked
package io.millstream.server.broker;

import org.jspecify.annotations.NullMarked;
