/// Front ends, one package for each protocol. They translate between bytes and the seam, keep no
/// durable state, and do not know one another.
@NullMarked
package io.millstream.protocols;

import org.jspecify.annotations.NullMarked;
