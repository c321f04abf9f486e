/// A broker for tests: [io.millstream.junit.MillstreamTest] and what it hands to test methods.
///
/// Each store is the production engine on a disk in memory that can fail, with a clock that stands
/// still until the test moves it. Depends on JUnit, the testkit, the engine, the front ends and
/// jobs; is depended on by users' tests alone. Knows nothing of what a user's program does with its
/// queues.
@NullMarked
package io.millstream.junit;

import org.jspecify.annotations.NullMarked;
