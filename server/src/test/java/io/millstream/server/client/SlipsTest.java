package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.server.command.Commands;
import io.millstream.server.command.Surroundings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is typed wrongly, or to nobody: a slip is told in one line before anything is connected,
/// and nothing hangs.
@Timeout(120)
class SlipsTest {
    private static final String NOBODY = "http://127.0.0.1:1";

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private String piped = "";

    private int type(String... arguments) {
        return Commands.run(
                arguments,
                new Surroundings(
                        new ByteArrayInputStream(piped.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        folder,
                        "1.2.3",
                        data -> {
                            throw new IOException("No store is opened.");
                        },
                        stop -> {}));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /// Words are apart by one space; `~` is a space in a word, and `''` an empty one.
    private static String[] words(String typed) {
        return List.of(typed.split(" ")).stream()
                .map(word -> word.equals("''") ? "" : word.replace('~', ' '))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    enqueue|Missing required parameter: 'TYPE'
                    enqueue t 7|The argument is not what a job can be given. Give a JSON object
                    enqueue t {"a":1|The argument is not what a job can be given.
                    enqueue t {"a":1}x|The argument is not what a job can be given.
                    enqueue t {"a":1,"a":2}|The argument is not what a job can be given.
                    enqueue t {} more|more is not an option of enqueue.
                    enqueue '' {}|A job type's name has 1 to 200 characters
                    enqueue a#b {}|Behind # is a version, such as mail.send#2.
                    enqueue a#0 {}|Versions begin with 1, this is 0
                    enqueue t {} --priority 32|--priority is 32. Give a whole number from 0 to 31.
                    enqueue t {} --priority high|--priority is high. Give a whole number
                    enqueue t {} --delay 5|--delay is 5. Give a time with its unit
                    enqueue t {} --delay -5s|--delay is -5s. Give a time with its unit
                    enqueue t {} --delay PT-5S|--delay is PT-5S. Give a time with its unit
                    enqueue t {} --delay 999999999999d|Give a time with its unit
                    enqueue t {} --keep-result 0s|A timeout and the time that a result is kept are
                    enqueue t {} --await soon|--await is soon. Give a time with its unit
                    enqueue t {} --unique sometimes|--unique is sometimes. Give a time with its
                    enqueue t {} --each-line|--each-line reads standard input. Leave the body out.
                    enqueue t --await 5s --each-line|--await and --each-line exclude each other.
                    enqueue t {} --delya 5s|--delya is not an option of enqueue. Did you mean --del
                    jobs|Usage: millstream jobs
                    jobs lits|lits is not a command of jobs. Did you mean list?
                    jobs show|Missing required parameter: 'ID'
                    jobs show a b|b is not an option of show.
                    jobs list --limit 0|--limit is 0. Give a whole number from 1 to 10000.
                    jobs list --state wating|Did you mean waiting? Give one of waiting, delayed,
                    jobs list --since yesterday|--since is yesterday. Give a time such as
                    jobs history|Missing required parameter: 'ID'
                    jobs list --queue ''|A channel's name has 1 to 255 characters, not 0
                    jobs cancel|Missing required parameter: 'ID'
                    jobs redrive|Say which dead jobs: --fingerprint
                    jobs redrive --all --rate 0|--rate is 0. Give how many may begin in a second
                    jobs redrive --all --rate NaN|--rate is NaN. Give how many may begin
                    jobs redrive --all --most 0|--most is 0. Give a whole number from 1 on.
                    jobs redrive --since yesterday|--since is yesterday. Give a time such as
                    jobs discard --all --id x|--all and what says which exclude each other.
                    jobs dead --id x|--id is not an option of dead.
                    schedules pause|Missing required parameter: 'NAME'
                    schedules preview|schedules preview needs the name of a schedule
                    schedules preview a --every 5m|schedules preview needs the name of a schedule
                    schedules preview --cron 61~*~*~*~*|61
                    schedules preview --cron *~*~*|*
                    schedules preview --cron 0~3~*~*~* --zone Europe/Berlni|Europe/Berlin
                    schedules preview --zone UTC a|--zone goes with --cron.
                    schedules preview --every 0s|A period is a whole number of milliseconds
                    schedules preview a -n 100000|--count is 100000. Give a whole number from 1 to
                    """)
    void a_slip_about_jobs_or_schedules_is_told_before_anything_is_connected(
            String typed, String message) {
        tellsBeforeItConnects(typed, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    queues declare|Missing required parameter: 'QUEUE'
                    queues declare m --max-attempts -1|--max-attempts
                    queues declare m --groups sorted|--groups is sorted.
                    queues declare m --groups orderd|Did you mean ordered? Give one of ignored,
                    queues declare m --back-off 0s|A back-off begins with a millisecond or more
                    queues declare m --back-off-max 5s|--back-off-max goes with --back-off
                    queues declare m --retention 0ms|retention is a millisecond to 36500 days
                    queues declare m --max-bytes x|--max-bytes is x. Give a whole number from 0 on.
                    queues browse m -n many|--limit is many. Give a whole number
                    queues remove ''|A channel's name has 1 to 255 characters, not 0
                    send|Missing required parameter: 'QUEUE'
                    send m hi -H nothing|--header is nothing. Give NAME=VALUE.
                    send m hi -H =x|--header is =x. Give NAME=VALUE.
                    send m hi --priority -1|--priority
                    send m hi --each-line|--each-line reads standard input. Leave the body out.
                    send '' hi|A channel's name has 1 to 255 characters, not 0
                    receive m -n 0|--messages is 0. Give a whole number from 1 to 1000000.
                    receive m --keep -n 1001|--messages is 1001. Give a whole number from 1 to 1000
                    receive m --wait 5|--wait is 5. Give a time with its unit
                    receive m --settle dead|--settle is dead. Give one of done, release.
                    receive m --settle done --keep|--settle and --keep exclude each other.
                    receive m --follow --keep|What is given back comes again
                    receive m --follow --wait 5s|--follow and --wait exclude each other.
                    receive m --raw --json|--raw and --json exclude each other.
                    publish x hi --to queue|--to is queue. Give one of exchange, topic.
                    publish|Missing required parameter: 'NAME'
                    tail t --from nowhere|Give beginning, end, an offset, a time such as
                    tail t --from -1|--from
                    tail t --from end -n 5|--from and --last exclude each other.
                    tail t -n -1|--last
                    tail t --limit 0|--limit is 0. Give a whole number from 1 on.
                    tail t -p x|--partition is x. Give a whole number
                    send m hi --server 127.0.0.1:7171|127.0.0.1:7171 is not the address of a server
                    send m hi --server ftp://x|ftp://x is not the address of a server.
                    send m hi --server http://x/api|has a path. Give the HTTP port alone
                    send m hi --server ''|empty is not the address of a server.
                    """)
    void a_slip_about_messages_is_told_before_anything_is_connected(String typed, String message) {
        tellsBeforeItConnects(typed, message);
    }

    private void tellsBeforeItConnects(String typed, String message) {
        assertThat(type(words(typed))).as(err()).isEqualTo(2);

        assertThat(err()).contains(message);
        if (!message.startsWith("Usage")) {
            assertThat(err()).startsWith("millstream: ").hasLineCount(1);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "enqueue t {}",
                "jobs list",
                "jobs show x",
                "jobs why x",
                "jobs cancel x",
                "jobs pause x",
                "jobs resume x",
                "jobs dead",
                "jobs retry x",
                "jobs redrive --all",
                "jobs discard --all",
                "schedules list",
                "schedules show x",
                "schedules trigger x",
                "schedules preview --every 5m",
                "queues list",
                "queues show x",
                "queues declare x",
                "queues purge x",
                "queues remove x",
                "queues browse x",
                "send x hi",
                "receive x",
                "publish x hi",
                "tail x -f"
            })
    void where_nobody_answers_that_is_said_in_one_line(String typed) {
        assertThat(type(words(typed + " --server " + NOBODY))).isEqualTo(1);

        assertThat(err())
                .startsWith("millstream: No Millstream server answers at http://127.0.0.1:1 (")
                .contains("Start it with ./millstream serve, or look at the address.")
                .hasLineCount(1);
    }

    @Test
    void a_server_that_says_nothing_is_given_up() throws IOException {
        // It takes connections, and never answers.
        try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "http://127.0.0.1:" + mute.getLocalPort();

            assertThat(type("queues", "list", "--server", address)).isEqualTo(1);
        }
        assertThat(err()).startsWith("millstream: No Millstream server answers").hasLineCount(1);
    }

    @Test
    void what_is_piped_in_is_read_as_strictly() {
        piped = "[1, 2]";
        assertThat(type("enqueue", "t", "--server", NOBODY)).isEqualTo(1);
        assertThat(err()).as("it is connected first").contains("No Millstream server answers");
    }

    @Test
    void no_message_tells_a_password() {
        environment.put("MILLSTREAM_USER", "ann");
        environment.put("MILLSTREAM_PASSWORD", "correct horse/@:?#%");
        assertThat(type("queues", "list", "--server", NOBODY)).isEqualTo(1);
        for (String server :
                List.of(
                        "http://ann:hush@127.0.0.1:1",
                        "http://ann:hush@127.0.0.1:1/path",
                        "ann:hush@127.0.0.1:1",
                        "http://ann:hu%sh@127.0.0.1:1",
                        "http://ann:hush@")) {
            assertThat(type("queues", "list", "--server", server)).as(server).isIn(1, 2);
        }

        assertThat(err()).doesNotContain("correct", "hush", "hu%sh").hasLineCount(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "enqueue",
                "jobs",
                "jobs list",
                "jobs dead",
                "jobs redrive",
                "schedules preview",
                "queues declare",
                "send",
                "receive",
                "publish",
                "tail"
            })
    void every_command_has_its_help(String command) {
        assertThat(type(words(command + " --help"))).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("Usage: millstream " + command)
                .doesNotContain("null");
        assertThat(err()).isEmpty();
    }
}
