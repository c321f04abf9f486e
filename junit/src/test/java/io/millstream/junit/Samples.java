package io.millstream.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Runs test classes as a build would, and tells what became of them.
///
/// @param succeeded how many tests
/// @param failures of tests and of classes
record Samples(int succeeded, List<Throwable> failures) {

    static Samples run(Class<?> type) {
        return run(type, Map.of());
    }

    static Samples run(Class<?> type, Map<String, String> parameters) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(type))
                        .configurationParameters(parameters)
                        .build();
        List<String> succeeded = new CopyOnWriteArrayList<>();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable().ifPresent(failures::add);
                        if (test.isTest() && result.getThrowable().isEmpty()) {
                            succeeded.add(test.getUniqueId());
                        }
                    }
                };
        LauncherFactory.create().execute(request, listener);
        return new Samples(succeeded.size(), List.copyOf(failures));
    }
}
