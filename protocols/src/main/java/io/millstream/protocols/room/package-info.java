/// How many bytes may be on their way at once, and who waits in line for more. Depends on nothing.
@NullMarked
package io.millstream.protocols.room;

import org.jspecify.annotations.NullMarked;
