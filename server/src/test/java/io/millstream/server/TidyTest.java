package io.millstream.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;

/// The rules of style that a program can check, over the sources of every module. Each message
/// names the place and says what to do about it.
class TidyTest {
    private static final int LINE_COLUMNS_MAX = 100;
    private static final int FILE_LINES_MAX = 500;
    private static final int TEST_FILE_LINES_MAX = 800;
    private static final int METHOD_LINES_MAX = 70;
    private static final Set<String> BANNED_WORDS =
            Set.of(
                    "Impl",
                    "Manager",
                    "Helper",
                    "Util",
                    "Utils",
                    "Abstract",
                    "Base",
                    "Common",
                    "Misc",
                    "I");
    private static final Pattern BETWEEN_WORDS =
            Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_");
    private static final Pattern UNNUMBERED_TODO = Pattern.compile("\\bTO[D]O\\b(?!\\(#\\d+\\))");

    private static List<Source> sources;

    /// A source file: its path from the root, its lines, and what the compiler's parser saw in it.
    private record Source(String path, List<String> lines, List<Finding> findings) {
        boolean isTest() {
            return path.contains("/src/test/") || path.startsWith("testkit/");
        }

        boolean isBench() {
            return path.startsWith("bench/");
        }

        boolean mayPrint() {
            return isBench()
                    || path.endsWith("/io/millstream/server/Main.java")
                    || path.contains("/io/millstream/server/command/");
        }
    }

    private enum Kind {
        TYPE_NAME,
        UNDESCRIBED_TYPE,
        LONG_METHOD,
        PRINT,
        SLEEP
    }

    private record Finding(Kind kind, long line, String name) {}

    @BeforeAll
    static void read_every_source_file() throws IOException {
        sources = new ArrayList<>();
        Path root = root();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.sorted().toList()) {
                for (String sourceSet : List.of("src/main/java", "src/test/java")) {
                    readAll(root, module.resolve(sourceSet));
                }
            }
        }
        assertThat(sources).as("source files below %s", root).hasSizeGreaterThan(5);
    }

    @Test
    void lines_fit_into_100_columns() {
        List<String> problems = new ArrayList<>();
        for (Source source : sources) {
            for (int i = 0; i < source.lines.size(); i++) {
                String line = source.lines.get(i);
                if (line.codePointCount(0, line.length()) > LINE_COLUMNS_MAX
                        && !line.startsWith("import ")
                        && !line.contains("://")) {
                    problems.add(source.path + ":" + (i + 1));
                }
            }
        }
        none(
                problems,
                "Break lines of more than 100 columns; .ci/format does all but long strings.");
    }

    @Test
    void files_have_at_most_500_lines_and_tests_800() {
        List<String> problems = new ArrayList<>();
        for (Source source : sources) {
            int most = source.isTest() ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
            if (source.lines.size() > most) {
                problems.add(
                        source.path + ": " + source.lines.size() + " lines, " + most + " may be");
            }
        }
        none(
                problems,
                "Find the second concept in the file and give it a type; split tests by"
                        + " behaviour.");
    }

    @Test
    void methods_have_at_most_70_lines() {
        none(
                found(Kind.LONG_METHOD, source -> true),
                "Let one method decide and give its steps names.");
    }

    @Test
    void type_names_say_what_the_thing_is() {
        none(
                found(Kind.TYPE_NAME, source -> true),
                "Name the concept. Banned as words of a name: "
                        + new TreeSet<>(BANNED_WORDS)
                        + ".");
    }

    @Test
    void public_types_have_a_comment() {
        none(
                found(Kind.UNDESCRIBED_TYPE, source -> !source.path.contains("/src/test/")),
                "Say in a /// comment what the type is for, and what its user must know.");
    }

    @Test
    void packages_have_a_package_info() {
        Set<String> problems = new TreeSet<>();
        for (Source source : sources) {
            String folder = source.path.substring(0, source.path.lastIndexOf('/'));
            if (folder.contains("/src/main/java/")
                    && sources.stream()
                            .noneMatch(s -> s.path.equals(folder + "/package-info.java"))) {
                problems.add(folder);
            }
        }
        none(
                problems,
                "Add a package-info.java: @NullMarked, and a paragraph on what lives here, what it"
                        + " may depend on and what it does not know.");
    }

    @Test
    void only_the_command_line_prints() {
        none(
                found(Kind.PRINT, source -> !source.mayPrint()),
                "Use a logger, or return the text; System.out and System.err belong to the server's"
                        + " Main and command package, and to bench.");
    }

    @Test
    void tests_do_not_sleep() {
        none(
                found(Kind.SLEEP, Source::isTest),
                "Await a condition (Awaitility) or move a manual clock instead of sleeping.");
    }

    @Test
    void what_is_left_to_do_has_an_issue() {
        none(matching(UNNUMBERED_TODO), "Write TO" + "DO(#number of an issue), or do it now.");
    }

    @Test
    void there_are_no_tabs() {
        none(matching(Pattern.compile("\t")), "Indent with spaces: run .ci/format.");
    }

    private static List<String> matching(Pattern pattern) {
        List<String> problems = new ArrayList<>();
        for (Source source : sources) {
            for (int i = 0; i < source.lines.size(); i++) {
                if (pattern.matcher(source.lines.get(i)).find()) {
                    problems.add(source.path + ":" + (i + 1));
                }
            }
        }
        return problems;
    }

    private static List<String> found(Kind kind, Predicate<Source> where) {
        return sources.stream()
                .filter(where)
                .flatMap(source ->
                        source.findings.stream()
                                .filter(finding -> finding.kind == kind)
                                .map(f -> source.path + ":" + f.line + " " + f.name))
                .toList();
    }

    private static void none(Collection<String> problems, String remedy) {
        assertThat(problems).as(remedy).isEmpty();
    }

    private static void readAll(Path root, Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
                String path = root.relativize(file).toString().replace('\\', '/');
                sources.add(new Source(path, Files.readAllLines(file), Parser.read(file)));
            }
        }
    }

    /// The tests run in their module's folder, some development environments in the root.
    private static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); ; folder = folder.getParent()) {
            assertThat(folder)
                    .as("a folder above the working directory with api and server")
                    .isNotNull();
            if (Files.exists(folder.resolve("api/pom.xml"))
                    && Files.exists(folder.resolve("server/pom.xml"))) {
                return folder;
            }
        }
    }

    /// Walks the tree that javac makes of one file, without resolving any name in it.
    private static final class Parser extends TreePathScanner<Void, Void> {
        private final List<Finding> findings = new ArrayList<>();
        private final DocTrees trees;
        private final CompilationUnitTree unit;

        private Parser(DocTrees trees, CompilationUnitTree unit) {
            this.trees = trees;
            this.unit = unit;
        }

        static List<Finding> read(Path file) {
            var compiler = ToolProvider.getSystemJavaCompiler();
            try (var files = compiler.getStandardFileManager(null, null, null)) {
                var objects = files.getJavaFileObjects(file);
                var task = (JavacTask) compiler.getTask(null, files, null, null, null, objects);
                var unit = task.parse().iterator().next();
                var parser = new Parser(DocTrees.instance(task), unit);
                parser.scan(unit, null);
                return parser.findings;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            String name = type.getSimpleName().toString();
            if (!name.isEmpty()
                    && BETWEEN_WORDS.splitAsStream(name).anyMatch(BANNED_WORDS::contains)) {
                add(Kind.TYPE_NAME, type, name);
            }
            TreePath path = getCurrentPath();
            if (path.getParentPath().getLeaf() instanceof CompilationUnitTree
                    && type.getModifiers().getFlags().contains(Modifier.PUBLIC)
                    && trees.getDocCommentTree(path) == null) {
                add(Kind.UNDESCRIBED_TYPE, type, name);
            }
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            long lines = line(end(method)) - line(start(method)) + 1;
            if (lines > METHOD_LINES_MAX) {
                add(Kind.LONG_METHOD, method, method.getName() + ": " + lines + " lines");
            }
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitMemberSelect(MemberSelectTree select, Void nothing) {
            switch (select.toString()) {
                case "System.out", "System.err" -> add(Kind.PRINT, select, select.toString());
                case "Thread.sleep" -> add(Kind.SLEEP, select, select.toString());
                default -> {}
            }
            return super.visitMemberSelect(select, null);
        }

        private void add(Kind kind, Tree tree, String name) {
            findings.add(new Finding(kind, line(start(tree)), name));
        }

        private long start(Tree tree) {
            return trees.getSourcePositions().getStartPosition(unit, tree);
        }

        private long end(Tree tree) {
            return Math.max(start(tree), trees.getSourcePositions().getEndPosition(unit, tree));
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(Math.max(0, position));
        }
    }
}
