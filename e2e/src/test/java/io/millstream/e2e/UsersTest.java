package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Users of the built jar, from the command that adds the first one to a restart after `kill -9`.
class UsersTest {
    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();

    /// Runs a command to its end and gives what it printed.
    private String run(String... arguments) throws Exception {
        try (Launched command = Launched.command(folder, environment, arguments)) {
            assertThat(command.status()).as(command.err()).isZero();
            return command.out();
        }
    }

    private static String value(String printed, String name) {
        return printed.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElseThrow();
    }

    private static SqsClient client(Launched server, String printed) throws IOException {
        return server.sqs(
                value(printed, "AWS_ACCESS_KEY_ID="), value(printed, "AWS_SECRET_ACCESS_KEY="));
    }

    @Test
    void users_are_added_before_and_during_a_run_and_survive_kill_9() throws Exception {
        String admin =
                run("users", "add", "admin", "--admin", "--password", "--aws-key", "--data=data");
        environment.put("MILLSTREAM_USER", "admin");
        environment.put("MILLSTREAM_PASSWORD", value(admin, "Password: "));
        String worker;
        try (Launched server = Launched.serve(folder).awaitReady();
                SqsClient sqs = client(server, admin);
                SqsClient stranger = server.sqs()) {
            sqs.createQueue(queue -> queue.queueName("mail"));
            assertThatThrownBy(stranger::listQueues)
                    .isInstanceOf(SqsException.class)
                    .hasMessageContaining("The security token included in the request is invalid");
            assertThat(server.get("/").statusCode()).isEqualTo(401);
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            String port = "http://127.0.0.1:" + server.port("http");

            worker =
                    run(
                            "users",
                            "add",
                            "worker",
                            "--allow=read:mail",
                            "--aws-key",
                            "--server=" + port);

            assertThat(run("users", "list", "--server", port)).contains("worker  no");
            assertThat(run("backup", "--from", port, "all.zip")).startsWith("Backup of " + port);
            server.kill();
        }
        try (Launched again = Launched.serve(folder).awaitReady();
                SqsClient sqs = client(again, worker)) {
            String mail = sqs.getQueueUrl(queue -> queue.queueName("mail")).queueUrl();
            assertThat(sqs.receiveMessage(receive -> receive.queueUrl(mail)).messages()).isEmpty();
            SqsException denied =
                    catchThrowableOfType(
                            SqsException.class,
                            () -> sqs.sendMessage(send -> send.queueUrl(mail).messageBody("x")));
            assertThat(denied.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
            assertThat(denied.getMessage())
                    .contains("user/worker is not authorized to perform: sqs:SendMessage");
            assertThat(again.stop()).isZero();
        }
    }
}
