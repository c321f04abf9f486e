/// The HTTP door: status, health and metrics, read-only. It looks at the store through the seam,
/// and does not know who opened it.
@NullMarked
package io.millstream.server.http;

import org.jspecify.annotations.NullMarked;
