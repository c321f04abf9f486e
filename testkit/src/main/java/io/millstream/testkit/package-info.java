/// What tests need: simulated disk and clock, the memory backend, fixtures. Shipped, so that users
/// can test with it too.
@NullMarked
package io.millstream.testkit;

import org.jspecify.annotations.NullMarked;
