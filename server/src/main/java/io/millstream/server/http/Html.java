package io.millstream.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Texts and numbers as a page shows them.
final class Html {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int UNIT_BYTES = 1024;
    private static final double SHOWN_WHOLE = 100;

    private Html() {}

    /// A file that lies beside the class, as text.
    static String resource(String name) {
        try (InputStream in = Html.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Safe as text and inside quotes. Names come from clients.
    static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.append(c);
            }
        }
        return safe.toString();
    }

    /// Escaped, and shorter than so many characters; for what may be a whole stack trace.
    static String shortened(String text, int chars) {
        String line = text.replaceAll("\\s+", " ");
        if (line.length() <= chars) {
            return escaped(line);
        }
        int end = Character.isHighSurrogate(line.charAt(chars - 2)) ? chars - 2 : chars - 1;
        return escaped(line.substring(0, end)) + "…";
    }

    static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count).replace(',', '\u202f');
    }

    /// So many a second: whole where that says enough.
    static String rate(double perSecond) {
        return perSecond == 0 || perSecond >= SHOWN_WHOLE
                ? grouped(Math.round(perSecond))
                : String.format(Locale.ROOT, "%.1f", perSecond);
    }

    static String size(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= UNIT_BYTES && unit < UNITS.length - 1) {
            amount /= UNIT_BYTES;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", amount, UNITS[unit]);
    }

    static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min";
        }
        long hours = seconds / 3600;
        return hours < 48
                ? hours + " h " + seconds % 3600 / 60 + " min"
                : hours / 24 + " days " + hours % 24 + " h";
    }
}
