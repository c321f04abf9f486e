package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongUnaryOperator;

import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The engine with one known mistake: one of its sources is compiled anew with a line changed, and
/// a class loader of its own puts it in place of the original. The engine itself knows nothing of
/// it.
///
/// @param name what is wrong with it
/// @param source the file, below `engine/src/main/java/io/millstream/engine`
/// @param line what is there, exactly once
/// @param mistake what is there instead
record Mutant(String name, String source, String line, String mistake) {
    private static final String PACKAGE = "io/millstream/engine/";
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /// One for all, which reads the class path once; for one thread at a time.
    private static final StandardJavaFileManager FILES =
            COMPILER.getStandardFileManager(null, null, null);

    /// Runs seeds until a promise is broken.
    ///
    /// @param caught whether one was
    /// @param runs how many seeds it took
    /// @param crashes how many crashes were in those that broke nothing
    /// @param how the first line of the failure
    record Outcome(boolean caught, int runs, int crashes, String how) {}

    /// Runs one seed after the other.
    Outcome run(Path directory, int runsMax) throws IOException, ReflectiveOperationException {
        return run(directory, runsMax, run -> run);
    }

    /// @param seeds which one comes at which run, from 1 on
    Outcome run(Path directory, int runsMax, LongUnaryOperator seeds)
            throws IOException, ReflectiveOperationException {
        compile(directory);
        Class<?> simulation =
                Class.forName(Simulation.class.getName(), true, new Mutated(directory));
        var run = simulation.getDeclaredMethod("run", long.class);
        run.setAccessible(true);
        int crashes = 0;
        for (int number = 1; number <= runsMax; number++) {
            try {
                Object result = run.invoke(null, seeds.applyAsLong(number));
                var count = result.getClass().getDeclaredMethod("crashes");
                count.setAccessible(true);
                crashes += (int) count.invoke(result);
            } catch (java.lang.reflect.InvocationTargetException broken) {
                String how = String.valueOf(broken.getCause().getMessage());
                return new Outcome(true, number, crashes, how.lines().findFirst().orElse(how));
            }
        }
        return new Outcome(false, runsMax, crashes, "");
    }

    /// The source with the mistake in it; fails if its line is not there exactly once.
    String planted() throws IOException {
        String text = Files.readString(sources().resolve(PACKAGE + source));
        assertThat(text.split(java.util.regex.Pattern.quote(line), -1))
                .as(
                        "%s no longer has this line exactly once: '%s'. Look up what became of it"
                                + " and change the mutant.",
                        source, line)
                .hasSize(2);
        return text.replace(line, mistake);
    }

    /// Compiles it into a directory; fails if it cannot be planted, or no Java comes of it.
    void compile(Path directory) throws IOException {
        String text = planted();
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of(
                        "-d",
                        directory.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        "-nowarn");
        boolean compiled =
                COMPILER.getTask(messages, FILES, null, options, null, List.of(inMemory(text)))
                        .call();
        assertThat(compiled).as("The mutant does not compile: %s", messages).isTrue();
    }

    private JavaFileObject inMemory(String text) {
        URI uri = URI.create("string:///" + PACKAGE + source);
        return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static Path sources() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("engine/src/main/java"))) {
            root = root.getParent();
        }
        return root.resolve("engine/src/main/java");
    }

    /// Loads the mutated classes from a directory, the rest of engine and testkit anew, and
    /// everything else as the tests do.
    private static final class Mutated extends ClassLoader {
        private final Path directory;

        Mutated(Path directory) {
            super(Mutated.class.getClassLoader());
            this.directory = directory;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            boolean own =
                    name.startsWith("io.millstream.engine.")
                            || name.startsWith("io.millstream.testkit.");
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = own ? findLoadedClass(name) : null;
                if (loaded != null) {
                    return loaded;
                }
                return own ? define(name) : super.loadClass(name, resolve);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            try (InputStream in = open(file)) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(name, unreadable);
            }
        }

        private InputStream open(String file) throws IOException, ClassNotFoundException {
            Path mutated = directory.resolve(file);
            InputStream in =
                    Files.exists(mutated)
                            ? Files.newInputStream(mutated)
                            : getParent().getResourceAsStream(file);
            if (in == null) {
                throw new ClassNotFoundException(file);
            }
            return in;
        }
    }
}
