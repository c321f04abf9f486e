/// A backend whose connection is lost when a test says so, for whoever has to go on afterwards.
/// Knows the seam only, and may be put over any backend.
@NullMarked
package io.millstream.testkit.lossy;

import org.jspecify.annotations.NullMarked;
