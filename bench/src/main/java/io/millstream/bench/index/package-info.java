/// How fast the search index takes in what is told, how far behind it is, and how long searches
/// take.
@NullMarked
package io.millstream.bench.index;

import org.jspecify.annotations.NullMarked;
