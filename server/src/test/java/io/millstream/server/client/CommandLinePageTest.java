package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Workers;
import io.millstream.jobs.schedule.Cron;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `docs/command-line.md` shows: its commands, one after the other, print what it says.
@Timeout(120)
class CommandLinePageTest {
    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Pattern KEPT = Pattern.compile("(\\w+)=\\$\\((.*)\\)");
    private static final Pattern PIPED = Pattern.compile("printf '([^']*)' \\| (.*)");

    @TempDir Path folder;

    private final Map<String, String> variables = new HashMap<>();

    /// @param command as it is typed
    /// @param output what is shown below it
    private record Example(String command, String output) {}

    @Test
    void the_page_shows_what_is_printed() throws Exception {
        List<Example> examples = examples();
        assertThat(examples).hasSizeGreaterThan(25);
        try (ServedTerminal terminal = new ServedTerminal(folder);
                Millstream program = terminal.program();
                Jobs jobs = Jobs.over(program);
                Workers _ = workers(jobs)) {
            declare(program, jobs);

            for (Example example : examples) {
                String printed = printed(terminal, example.command());

                assertThat(withoutWhatDiffers(printed))
                        .as(example.command())
                        .isEqualTo(withoutWhatDiffers(example.output()));
            }
        }
    }

    @Test
    void the_page_names_every_command() throws Exception {
        String page = Files.readString(page());

        named(page, "jobs", JobCommands.verbs());
        named(page, "queues", QueueCommands.verbs());
        named(page, "schedules", ScheduleCommands.verbs());
    }

    private static void named(String page, String group, List<Verb> verbs) {
        for (Verb verb : verbs) {
            assertThat(page).containsPattern("`(%s )?%s`".formatted(group, verb.spec().name()));
        }
    }

    /// What the page supposes that programs have made.
    private static void declare(Millstream program, Jobs jobs) {
        var _ = program.topic("readings", Codec.text());
        var _ = program.queue("audit");
        program.exchange("events").bind("audit", "order.*");
        jobs.schedules()
                .declare(
                        "nightly",
                        Cron.of("0 3 * * *").zone("Europe/Berlin"),
                        JobType.of("report", ObjectNode.class),
                        JsonMapper.shared().createObjectNode());
    }

    private static Workers workers(Jobs jobs) {
        JobType<ObjectNode, JsonNode> type =
                JobType.of("number.double", ObjectNode.class, JsonNode.class)
                        .with(options -> options.queue("numbers").retry(Retry.never()));
        return jobs.workers("numbers")
                .handle(
                        type,
                        (payload, _) -> {
                            if (!payload.path("n").isNumber()) {
                                throw new IllegalStateException("n is no number");
                            }
                            return JsonMapper.shared()
                                    .createObjectNode()
                                    .put("twice", 2 * payload.path("n").asLong());
                        })
                .start();
    }

    private static List<Example> examples() throws Exception {
        List<Example> examples = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page()));
        while (block.find()) {
            for (String one : block.group(1).split("(?m)^\\$ ")) {
                if (!one.isBlank()) {
                    int end = one.indexOf('\n');
                    examples.add(new Example(one.substring(0, end), one.substring(end + 1)));
                }
            }
        }
        return examples;
    }

    /// As little of a shell as the page needs: `name=$(…)`, `printf '…' | …`, `$name` and quotes.
    private String printed(ServedTerminal terminal, String command) {
        Matcher kept = KEPT.matcher(command);
        if (kept.matches()) {
            variables.put(kept.group(1), printed(terminal, kept.group(2)).strip());
            return "";
        }
        Matcher piped = PIPED.matcher(command);
        if (piped.matches()) {
            terminal.pipe(piped.group(1).replace("\\n", "\n"));
            return printed(terminal, piped.group(2));
        }
        List<String> words = words(command);
        assertThat(words.removeFirst()).as(command).isEqualTo("millstream");
        int _ = terminal.run(words.toArray(String[]::new));
        return terminal.out() + terminal.err();
    }

    private List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            String quoted = word.group(1);
            String plain = word.group(2);
            words.add(
                    quoted != null
                            ? quoted
                            : plain.startsWith("$")
                                    ? String.valueOf(variables.get(plain.substring(1)))
                                    : plain);
        }
        return words;
    }

    /// Ids, times, and how wide columns are.
    private static String withoutWhatDiffers(String text) {
        return text.replaceAll("[0-9a-v]{10,17}-[0-9a-v]+", "ID")
                .replaceAll("nightly#\\S+", "RUN")
                .replaceAll("20(26|27)-\\d\\d-\\d\\dT[0-9:.]*Z", "TIME")
                .replaceAll(" {2,}", "  ")
                .strip();
    }

    private static Path page() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/command-line.md"))) {
            root = root.getParent();
        }
        return root.resolve("docs/command-line.md");
    }
}
