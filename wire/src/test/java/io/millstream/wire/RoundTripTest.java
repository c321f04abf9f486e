package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capabilities;
import io.millstream.api.Change;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;

class RoundTripTest {
    private static final long SEED = 30;
    private static final String CHANGES = "\"{}[],:0919eE-.tfn\\u\0\377 a_";
    private static final int SAMPLES_OF_EACH = 25;

    /// Until what is rarely made has come in different ways.
    private static final int MANY_SAMPLES = 10 * SAMPLES_OF_EACH;

    private static final Map<Class<?>, Form<?>> FORMS = forms();

    private static Map<Class<?>, Form<?>> forms() {
        Map<Class<?>, Form<?>> forms = new LinkedHashMap<>();
        forms.put(Message.class, Forms.MESSAGE);
        forms.put(Definition.class, Forms.DEFINITION);
        forms.put(Operation.class, Forms.OPERATION);
        forms.put(Commit.class, Forms.COMMIT);
        forms.put(Receipt.class, Forms.RECEIPT);
        forms.put(Refusal.class, Forms.REFUSAL);
        forms.put(Take.class, Forms.TAKE);
        forms.put(Taken.class, Forms.TAKEN);
        forms.put(Lease.class, Forms.LEASE);
        forms.put(Consume.class, Forms.CONSUME);
        forms.put(Query.class, Forms.QUERY);
        forms.put(View.class, Forms.VIEW);
        forms.put(Interest.class, Forms.INTEREST);
        forms.put(Change.class, Forms.CHANGE);
        forms.put(From.class, Forms.FROM);
        forms.put(Fetched.class, Forms.FETCHED);
        forms.put(Capabilities.class, Forms.CAPABILITIES);
        forms.put(SessionSpec.class, Forms.SESSION);
        forms.put(Opened.class, Forms.OPENED);
        forms.put(Problem.class, Forms.PROBLEM);
        forms.put(Ask.class, Forms.ASK);
        forms.put(Told.class, Forms.TOLD);
        return forms;
    }

    @Test
    void what_is_written_is_read_as_it_was_and_written_alike_again() {
        Samples samples = new Samples(SEED);
        FORMS.forEach((type, form) ->
                Samples.leavesOf(type)
                        .forEach(leaf -> {
                            for (int i = 0; i < SAMPLES_OF_EACH; i++) {
                                goesRound(form, samples.any(leaf));
                            }
                        }));
    }

    private static <T> void goesRound(Form<T> form, Object value) {
        @SuppressWarnings("unchecked") // The table says so.
        T one = (T) value;
        byte[] json = form.write(one);
        T read = form.read(json);
        assertThat(read).as(() -> new String(json, StandardCharsets.UTF_8)).isEqualTo(one);
        assertThat(form.write(read)).isEqualTo(json);
        assertThat(form.list().read(form.list().write(List.of(one, one))))
                .containsExactly(one, one);
    }

    @Test
    void answers_to_each_query_are_read_as_they_were() {
        Samples samples = new Samples(SEED);
        Samples.leavesOf(Query.class)
                .forEach(leaf -> {
                    for (int i = 0; i < SAMPLES_OF_EACH; i++) {
                        findsAgain(samples, (Query<?>) samples.any(leaf));
                    }
                });
    }

    private static <V extends View> void findsAgain(Samples samples, Query<V> query) {
        @SuppressWarnings("unchecked") // What a query's declaration says it sees.
        Class<V> seen = (Class<V>) seenBy(query.getClass());
        Form<Found<V>> form = Forms.found(query);
        goesRound(
                form,
                new Page<>(List.of(samples.any(seen), samples.any(seen)), null, Instant.EPOCH));
        goesRound(form, new Page<>(List.<V>of(), "n", samples.any(Instant.class)));
        goesRound(
                form, new Found.Refused<V>(samples.any(Instant.class), samples.any(Refusal.class)));
    }

    private static Type seenBy(Class<?> query) {
        return Stream.of(query.getGenericInterfaces())
                .map(ParameterizedType.class::cast)
                .filter(type -> type.getRawType() == Query.class)
                .findFirst()
                .orElseThrow()
                .getActualTypeArguments()[0];
    }

    @Test
    void samples_show_each_component_of_each_record_in_different_ways() {
        Samples samples = new Samples(SEED);
        for (int i = 0; i < MANY_SAMPLES; i++) {
            FORMS.keySet().forEach(type -> Samples.leavesOf(type).forEach(samples::any));
        }
        List<String> poor = new ArrayList<>();
        for (Class<?> type : samples.made) {
            for (RecordComponent component : type.getRecordComponents()) {
                String name = Samples.nameOf(type, component);
                var seen = samples.values.get(name);
                if (name.equals("Ask.Commits.flaws")) {
                    continue; // What is written has none.
                }
                if (seen.size() < 2 || (Samples.mayBeNull(component) && !seen.contains("null"))) {
                    poor.add(name + " was only " + seen);
                }
            }
        }
        assertThat(poor).isEmpty();
    }

    @Test
    void each_record_of_each_sealed_set_of_the_seam_has_a_sample() throws Exception {
        Samples samples = new Samples(SEED);
        for (int i = 0; i < MANY_SAMPLES; i++) {
            FORMS.keySet().forEach(type -> Samples.leavesOf(type).forEach(samples::any));
        }
        TreeSet<String> missing = new TreeSet<>();
        int sets = 0;
        for (Class<?> type : classesOfTheSeam()) {
            if (type.isSealed()) {
                sets++;
                Samples.leavesOf(type)
                        .filter(leaf -> !samples.made.contains(leaf))
                        .forEach(leaf -> missing.add(leaf.getName()));
            }
        }
        assertThat(sets).as("sealed sets of the seam").isGreaterThan(20);
        // The answers to queries have a test of their own.
        missing.remove(Page.class.getName());
        missing.remove(Found.Refused.class.getName());
        // Told to topics, in a form of its own.
        missing.removeIf(name -> name.startsWith(Lifecycle.class.getName()));
        assertThat(missing)
                .as("records without a form: write it in io.millstream.wire, and name it in FORMS")
                .isEmpty();
    }

    private static List<Class<?>> classesOfTheSeam() throws IOException, URISyntaxException {
        Path home =
                Path.of(Message.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(home)) {
            return classesIn(home.resolve("io/millstream/api"));
        }
        try (FileSystem jar = FileSystems.newFileSystem(home)) {
            return classesIn(jar.getPath("io/millstream/api"));
        }
    }

    private static List<Class<?>> classesIn(Path folder) throws IOException {
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".class") && !name.equals("package-info.class")) {
                    classes.add(
                            Class.forName(
                                    "io.millstream.api." + name.substring(0, name.length() - 6)));
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        return classes;
    }

    @Test
    void whatever_is_changed_in_what_is_sent_it_is_read_or_refused_in_one_way() {
        Samples samples = new Samples(SEED);
        Random random = new Random(SEED);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            for (Map.Entry<Class<?>, Form<?>> entry : FORMS.entrySet()) {
                byte[] json = written(entry.getValue(), samples.any(entry.getKey()));
                for (int changes = random.nextInt(3); changes >= 0; changes--) {
                    json[random.nextInt(json.length)] =
                            (byte) CHANGES.charAt(random.nextInt(CHANGES.length()));
                }
                try {
                    entry.getValue().read(json);
                    read++;
                } catch (MalformedException wrong) {
                    assertThat(wrong).message().startsWith(wrong.path()).endsWith(".");
                    refused++;
                }
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    @SuppressWarnings("unchecked") // The table says so.
    private static <T> byte[] written(Form<T> form, Object value) {
        return form.write((T) value);
    }
}
