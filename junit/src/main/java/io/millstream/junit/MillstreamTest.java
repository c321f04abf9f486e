package io.millstream.junit;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Gives the tests of a class a broker.
///
/// ```java
/// @MillstreamTest
/// class OrdersTest {
///     @Test
///     void an_order_comes_again(Millstream millstream, MillstreamClock clock) {
///         var orders = millstream.queue("orders");
///         orders.send("one");
///         orders.receive(Duration.ZERO);
///
///         clock.advance(Duration.ofMinutes(1));
///
///         assertEquals(2, orders.receive(Duration.ZERO).orElseThrow().deliveries());
///     }
/// }
/// ```
///
/// Parameters of these types, of test methods, of `@BeforeEach` and `@AfterEach` methods and of
/// constructors, are injected:
///
/// | type | is |
/// |---|---|
/// | [io.millstream.Millstream] | the store, empty at first |
/// | [MillstreamClock] | its time, which stands still until it is moved |
/// | [Faults] | what can happen to it |
/// | [JobTest] | its jobs, done when the test says so |
/// | [SqsEndpoint] | a port of it, for clients of AWS; opened when it is first asked for |
///
/// The store is the production engine on a disk in memory. It is opened for the first parameter
/// that wants it and closed after the test; a test fails if its store does not close, or had
/// stopped by itself. Each test has a store of its own, so tests may run in parallel. Nested
/// classes have what the class around them has.
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(MillstreamExtension.class)
public @interface MillstreamTest {

    /// Who shares a store.
    Per per() default Per.METHOD;

    /// How long anything of the store is waited for in real time, before the wait fails and says
    /// what did not come: an answer, a message for a receiver that waits for more than a minute. 1
    /// or more.
    long patienceMillis() default 10_000;

    /// How long a store lives.
    enum Per {
        /// Each test has its own.
        METHOD,
        /// All tests of the annotated class and its nested classes share one, which `@BeforeAll`
        /// and `@AfterAll` methods can have too.
        CLASS
    }
}
