package io.millstream.junit;

import io.millstream.Millstream;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

import java.time.Duration;
import java.util.Set;

/// Opens a store for the first parameter that wants one, and closes it behind the last method of
/// the test, or of the class, that owns it.
final class MillstreamExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(MillstreamExtension.class);
    private static final Set<Class<?>> TYPES =
            Set.of(
                    Millstream.class,
                    MillstreamClock.class,
                    Faults.class,
                    JobTest.class,
                    SqsEndpoint.class);

    /// A test's constructor belongs to the test, not to its class.
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestStore store = store(context, parameter);
        Class<?> type = parameter.getParameter().getType();
        if (type == Millstream.class) {
            return store.millstream();
        }
        if (type == MillstreamClock.class) {
            return store.clock();
        }
        if (type == JobTest.class) {
            return store.jobs();
        }
        return type == Faults.class ? store.faults() : store.sqs();
    }

    private static TestStore store(ExtensionContext context, ParameterContext parameter) {
        Class<?> annotated = annotated(context.getRequiredTestClass());
        ExtensionContext owner =
                switch (annotation(annotated).per()) {
                    case METHOD -> requireTest(context, parameter);
                    case CLASS -> contextOf(annotated, context);
                };
        // A nested class that is annotated itself does not want the store of the one around it.
        return owner.getStore(NAMESPACE)
                .computeIfAbsent(
                        annotated,
                        key -> TestStore.open(owner.getDisplayName(), patience(annotated)),
                        TestStore.class);
    }

    private static Patience patience(Class<?> annotated) {
        return new Patience(Duration.ofMillis(annotation(annotated).patienceMillis()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Class<?> annotated = annotated(context.getRequiredTestClass());
        if (annotation(annotated).per() == MillstreamTest.Per.METHOD) {
            close(context, annotated);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> annotated = annotated(context.getRequiredTestClass());
        if (annotated == context.getRequiredTestClass()) {
            close(context, annotated);
        }
    }

    private static void close(ExtensionContext context, Class<?> annotated) {
        TestStore store = context.getStore(NAMESPACE).remove(annotated, TestStore.class);
        if (store != null) {
            store.close();
        }
    }

    /// The class itself, or the nearest around it, that says how it wants to be tested.
    private static Class<?> annotated(Class<?> test) {
        Class<?> type = test;
        while (type != null && !AnnotationSupport.isAnnotated(type, MillstreamTest.class)) {
            type = type.getEnclosingClass();
        }
        if (type == null) {
            throw new ParameterResolutionException(
                    test.getName()
                            + " is tested with the extension of @MillstreamTest but not annotated"
                            + " with it. Annotate the class instead of registering the extension.");
        }
        return type;
    }

    private static MillstreamTest annotation(Class<?> annotated) {
        return AnnotationSupport.findAnnotation(annotated, MillstreamTest.class).orElseThrow();
    }

    private static ExtensionContext requireTest(
            ExtensionContext context, ParameterContext parameter) {
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException(
                    ("%s cannot have a %s: each test has a store of its own, and no test runs here."
                                    + " Take it in @BeforeEach or in the test, or let all share one"
                                    + " with @MillstreamTest(per = CLASS).")
                            .formatted(
                                    parameter.getDeclaringExecutable(),
                                    parameter.getParameter().getType().getSimpleName()));
        }
        return context;
    }

    private static ExtensionContext contextOf(Class<?> annotated, ExtensionContext context) {
        ExtensionContext owner = context;
        while (owner.getTestMethod().isPresent() || owner.getRequiredTestClass() != annotated) {
            owner = owner.getParent().orElseThrow();
        }
        return owner;
    }
}
