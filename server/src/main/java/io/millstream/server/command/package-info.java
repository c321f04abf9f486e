/// The command line: what can be typed, what is printed, and with which status the process ends.
@NullMarked
package io.millstream.server.command;

import org.jspecify.annotations.NullMarked;
