/// The one file that a backup is: what is in it, how it is written, and how it proves itself when
/// it is read. Knows files and their checksums, and neither logs nor queues. Depends on the JDK
/// only.
@NullMarked
package io.millstream.engine.archive;

import org.jspecify.annotations.NullMarked;
