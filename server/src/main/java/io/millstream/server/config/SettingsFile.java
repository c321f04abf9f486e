package io.millstream.server.config;

import io.avaje.config.Configuration;
import io.avaje.config.ConfigurationLog;

import java.io.IOException;
import java.io.StringReader;
import java.lang.System.Logger.Level;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/// A settings file: Java's properties format in UTF-8, where `${NAME}` stands for a variable of the
/// environment. Stricter than the format: an unknown name, a name given twice and a name without a
/// value are refused, because each would otherwise do nothing and say nothing.
final class SettingsFile {
    private static final Pattern UNRESOLVED = Pattern.compile("\\$\\{[^}]*}");

    private final Path file;
    private final List<String> lines;

    private SettingsFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /// Reads all of it, or refuses all of it.
    static Map<Setting, Given> read(Path file) {
        try {
            return new SettingsFile(file, Files.readAllLines(file)).settings();
        } catch (NoSuchFileException e) {
            throw unreadable(file, "it does not exist", "Create it, or correct --config.");
        } catch (AccessDeniedException e) {
            throw unreadable(
                    file, "permission denied", "Let the user that runs Millstream read it.");
        } catch (CharacterCodingException e) {
            throw unreadable(file, "it is not UTF-8", "Save it as UTF-8.");
        } catch (IOException e) {
            String what =
                    Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
            throw unreadable(file, what, "Name a file that can be read with --config.");
        }
    }

    private Map<Setting, Given> settings() throws IOException {
        Properties written = new OnceOnly();
        try {
            written.load(new StringReader(String.join("\n", lines)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "The settings file "
                            + file
                            + " has a \\u that is not followed by four hexadecimal digits. A"
                            + " backslash is written as \\\\.");
        }
        Configuration resolved = Configuration.builder().putAll(written).log(new Quiet()).build();
        Map<Setting, Given> settings = new EnumMap<>(Setting.class);
        for (String key : written.stringPropertyNames()) {
            settings.put(known(key), new Given(value(key, resolved), where(key)));
        }
        return settings;
    }

    private Setting known(String key) {
        Setting setting = Setting.named(key).orElseThrow(() -> unknown(key));
        if (setting == Setting.CONFIG) {
            throw new ConfigException(
                    where(key)
                            + " cannot name another settings file. Remove the line and use --config"
                            + " or "
                            + setting.variable()
                            + ".");
        }
        return setting;
    }

    private ConfigException unknown(String key) {
        List<String> names = Arrays.stream(Setting.values()).map(Setting::key).toList();
        String advice =
                Nearest.to(key, names)
                        .map(name -> "Did you mean " + name + "?")
                        .orElse("The settings are: " + String.join(", ", names) + ".");
        return new ConfigException(where(key) + " is not a setting. " + advice);
    }

    private String value(String key, Configuration resolved) {
        String value = resolved.get(key, "").strip();
        if (value.isEmpty()) {
            throw new ConfigException(
                    where(key) + " has no value. Write " + key + "=VALUE, or remove the line.");
        }
        var unresolved = UNRESOLVED.matcher(value);
        if (unresolved.find()) {
            throw new ConfigException(
                    where(key)
                            + " uses "
                            + unresolved.group()
                            + ", which the environment does not have. Set it, or write the value"
                            + " itself.");
        }
        return value;
    }

    /// The name and the place, as the beginning of a sentence.
    private String where(String key) {
        Pattern start = Pattern.compile("\\s*" + Pattern.quote(key) + "(\\s*[=:]|\\s|$).*");
        Optional<Integer> line =
                lines.stream()
                        .filter(text -> start.matcher(text).matches())
                        .findFirst()
                        .map(text -> lines.indexOf(text) + 1);
        // No line is found for a name that is written with escapes.
        return key + " in " + file + line.map(number -> ", line " + number + ",").orElse("");
    }

    private static ConfigException unreadable(Path file, String why, String advice) {
        return new ConfigException(
                "The settings file " + file + " cannot be read: " + why + ". " + advice);
    }

    /// Java's own would let the last of two lines win.
    private final class OnceOnly extends Properties {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Object put(Object key, Object value) {
            if (containsKey(key)) {
                throw new ConfigException(
                        where(key.toString()) + " is given twice. Remove one of the lines.");
            }
            return super.put(key, value);
        }
    }

    /// What the library has to say is of no interest to who starts a server.
    private static final class Quiet implements ConfigurationLog {
        @Override
        public void log(Level level, String message, Throwable thrown) {}

        @Override
        public void log(Level level, String message, Object... arguments) {}
    }
}
