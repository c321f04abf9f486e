/// Where the log lines of the JDK and of the engine go: to the same place as everybody else's.
@NullMarked
package io.millstream.server.log;

import org.jspecify.annotations.NullMarked;
