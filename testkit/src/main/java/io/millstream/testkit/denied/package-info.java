/// A backend that lacks features, for whoever has to do without them or to say at its start that it
/// cannot. Knows the seam only, and may be put over any backend.
@NullMarked
package io.millstream.testkit.denied;

import org.jspecify.annotations.NullMarked;
