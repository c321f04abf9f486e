package io.millstream.junit;

import io.millstream.api.Bytes;
import io.millstream.jobs.JobType;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Proves that the jobs that wait while a program is replaced can be done by the new one: what one
/// job of each type and version was given is kept in a file beside the tests, for ever, and each
/// build reads all of them as the workers of today would.
///
/// ```java
/// @Test
/// void jobs_that_wait_can_be_read() {
///     JobSamples.in(Path.of("src/test/resources/jobs"))
///             .sample(SEND_MAIL, new SendMail(42, "welcome"))
///             .sample(CHARGE, new Charge(7))
///             .check();
/// }
/// ```
///
/// The first time that a type or a version of it is seen, [#check] writes its file and fails, so
/// that nobody forgets to commit it. From then on it fails if a file
///
/// - cannot be read any more by the type of its name, its upcasters included;
/// - has a member that is read into nothing, or into something else, without a new version;
/// - is of a type that no sample is given for.
///
/// A file is `mail.send.v1.json`: the name of the type, the version, what the job was given.
public final class JobSamples {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final Pattern FILE = Pattern.compile("(.+)\\.v([1-9][0-9]{0,8})\\.json");

    private final Path folder;
    private final Map<String, Sample<?>> samples = new LinkedHashMap<>();

    private JobSamples(Path folder) {
        this.folder = folder;
    }

    /// One job as it is submitted today.
    private record Sample<P>(JobType<P, ?> type, P payload) {
        Path file() {
            return Path.of(fileOf(type.name(), type.version()));
        }

        /// As it is after it was read: a set, say, has another order then.
        JsonNode written() {
            int version = type.version();
            String wireName = version == 1 ? type.name() : type.name() + "#" + version;
            return read(wireName, type.write(payload).toArray());
        }

        /// What a stored payload is as the record of today.
        JsonNode read(String wireName, byte[] stored) {
            return JSON.readTree(type.write(type.read(wireName, Bytes.of(stored))).toArray());
        }
    }

    /// Samples that are kept in a folder, which is made if it is not there.
    ///
    /// @param folder of the sources of the tests, relative to where they are run or absolute
    public static JobSamples in(Path folder) {
        return new JobSamples(folder);
    }

    /// A type, and what one of its jobs is given. Let no member be null or empty: what is missing
    /// in a sample is not noticed when it changes.
    ///
    /// @return this
    /// @throws IllegalArgumentException if there is a sample of this type already
    public <P> JobSamples sample(JobType<P, ?> type, P payload) {
        if (samples.putIfAbsent(type.name(), new Sample<>(type, payload)) != null) {
            throw new IllegalArgumentException("There is a sample of %s already".formatted(type));
        }
        return this;
    }

    /// Records what is new and checks all that was ever recorded.
    ///
    /// @throws AssertionError that says of each file what is wrong and what to do
    /// @throws UncheckedIOException if the folder cannot be read or written
    public void check() {
        List<String> problems = new ArrayList<>();
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    check(file, problems);
                }
            }
            for (Sample<?> sample : samples.values()) {
                keep(sample, problems);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("The samples in " + folder + " failed", failed);
        }
        if (!problems.isEmpty()) {
            throw new AssertionError(
                    "Of the jobs that are kept in %s:\n- %s"
                            .formatted(folder, String.join("\n- ", problems)));
        }
    }

    private void keep(Sample<?> sample, List<String> problems) throws IOException {
        Path file = folder.resolve(sample.file());
        if (Files.notExists(file)) {
            Files.writeString(file, JSON.writeValueAsString(sample.written()) + "\n");
            problems.add(
                    "%s was not there and has been recorded. Look at it, commit it, run this again."
                            .formatted(sample.file()));
        }
    }

    private void check(Path file, List<String> problems) throws IOException {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (!name.matches()) {
            problems.add(
                    "%s is no sample: their names are TYPE.vVERSION.json. Put it elsewhere."
                            .formatted(file.getFileName()));
            return;
        }
        String type = URLDecoder.decode(name.group(1), StandardCharsets.UTF_8);
        int version = Integer.parseInt(name.group(2));
        String wireName = version == 1 ? type : type + "#" + version;
        Sample<?> sample =
                samples.values().stream()
                        .filter(one -> one.type.reads().contains(wireName))
                        .findFirst()
                        .orElse(null);
        if (sample == null) {
            problems.add(
                    ("%s: no type does jobs of %s, so those that wait would wait for ever. If the"
                         + " type was renamed, give it .alias(\"%s\"); if its version went down,"
                         + " put that back; if no job of it waits anywhere, delete the file.")
                            .formatted(file.getFileName(), wireName, type));
            return;
        }
        check(file, wireName, version, sample, problems);
    }

    private static void check(
            Path file, String wireName, int version, Sample<?> sample, List<String> problems)
            throws IOException {
        byte[] stored = Files.readAllBytes(file);
        JsonNode before;
        try {
            before = JSON.readTree(stored);
        } catch (JacksonException damaged) {
            problems.add(
                    "%s is not JSON any more: %s. Take it back from version control."
                            .formatted(file.getFileName(), damaged.getOriginalMessage()));
            return;
        }
        JsonNode now;
        try {
            now = sample.read(wireName, stored);
        } catch (IllegalArgumentException unreadable) {
            problems.add(
                    "%s: %s cannot read it any more: %s %s"
                            .formatted(
                                    file.getFileName(),
                                    sample.type,
                                    unreadable.getMessage(),
                                    remedy(sample.type, version)));
            return;
        }
        List<String> differences = new ArrayList<>();
        if (version == sample.type.version()) {
            compare("", before, now, differences);
        }
        if (!differences.isEmpty()) {
            problems.add(
                    "%s: %s reads it as something else: %s. %s"
                            .formatted(
                                    file.getFileName(),
                                    sample.type,
                                    String.join(", ", differences),
                                    remedy(sample.type, version)));
        }
    }

    private static String remedy(JobType<?, ?> type, int version) {
        int now = type.version();
        return version == now
                ? ("Put it back as it was, or give the type .version(%d) and .upcast(%d, old ->"
                                + " ...) that makes the old into the new.")
                        .formatted(now + 1, now)
                : "Mend the upcasters from %d to %d, or add the one that is missing."
                        .formatted(version, now);
    }

    /// What was there and is not any more. What is new is no difference: who knows it not passes it
    /// over.
    private static void compare(
            String path, JsonNode before, JsonNode now, List<String> differences) {
        if (before.isObject() && now.isObject()) {
            before.propertyStream()
                    .forEach(member -> {
                        String name =
                                path.isEmpty() ? member.getKey() : path + "." + member.getKey();
                        JsonNode same = now.get(member.getKey());
                        if (same == null) {
                            differences.add(name + " is gone");
                        } else {
                            compare(name, member.getValue(), same, differences);
                        }
                    });
        } else if (before.isArray() && now.isArray() && before.size() == now.size()) {
            for (int i = 0; i < before.size(); i++) {
                compare(path + "[" + i + "]", before.get(i), now.get(i), differences);
            }
        } else if (!before.equals(now)) {
            differences.add("%s was %s and is %s".formatted(path, before, now));
        }
    }

    private static String fileOf(String type, int version) {
        return URLEncoder.encode(type, StandardCharsets.UTF_8) + ".v" + version + ".json";
    }
}
