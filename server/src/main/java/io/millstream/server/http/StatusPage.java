package io.millstream.server.http;

import java.util.Locale;
import java.util.Map;

/// The status as a page for a person: plain HTML, no script, nothing loaded from elsewhere.
final class StatusPage {
    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Millstream</title>
            <style>
            :root { color-scheme: light dark; --ink: #1c2b33; --soft: #5d7078; --line: #d9e1e4;
                    --paper: #fbfcfc; --stream: #0d7a8a }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #e3ebee; --soft: #93a5ad; --line: #2c3a41; --paper: #12191d;
                      --stream: #4fc3d3 } }
            body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.25rem; color: var(--ink);
                   background: var(--paper); font: 16px/1.5 system-ui, sans-serif }
            h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.01em }
            h1::after { content: ""; display: block; width: 3rem; height: 3px; margin-top: .6rem;
                        border-radius: 2px; background: var(--stream) }
            h2 { margin: 2.2rem 0 .5rem; font-size: 1rem }
            p, td.none { color: var(--soft) }
            .state { color: var(--stream); font-weight: 600 }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem;
                 margin: 0 }
            dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
            .wide { overflow-x: auto }
            table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
            th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: right }
            th { color: var(--soft); font-weight: 500 }
            th:first-child, td:first-child { padding-left: 0; text-align: left;
                                             overflow-wrap: anywhere }
            a { color: var(--stream) }
            </style>
            </head>
            <body>
            """;

    private StatusPage() {}

    static String of(Status status) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("<h1>").append(escaped(status.name())).append("</h1>\n");
        page.append("<p>Version ").append(escaped(status.version()));
        page.append(", <span class=\"state\">").append(escaped(status.state()));
        page.append("</span>, up ").append(duration(status.uptimeSeconds())).append("</p>\n");
        addAddresses(page, status);
        addQueues(page, status);
        addTopics(page, status);
        page.append("<p><a href=\"/health\">health</a> · <a href=\"/metrics\">metrics</a></p>\n");
        return page.append("</body>\n</html>\n").toString();
    }

    private static void addAddresses(StringBuilder page, Status status) {
        page.append("<h2>Where</h2>\n<dl>\n");
        for (Map.Entry<String, String> door : status.doors().entrySet()) {
            addTerm(page, door.getKey(), door.getValue());
        }
        addTerm(page, "data", status.data());
        addTerm(page, "process", Long.toString(status.pid()));
        page.append("</dl>\n");
    }

    private static void addTerm(StringBuilder page, String term, String value) {
        page.append("<dt>").append(escaped(term)).append("</dt>");
        page.append("<dd>").append(escaped(value)).append("</dd>\n");
    }

    private static void addQueues(StringBuilder page, Status status) {
        page.append("<h2>Queues</h2>\n<div class=\"wide\"><table>\n<tr><th>name</th>");
        page.append(
                "<th>ready</th><th>leased</th><th>delayed</th><th>size</th><th>dead</th>"
                        + "<th>expired</th></tr>\n");
        for (Status.Row row : status.queues()) {
            addRow(page, row);
        }
        Status.Others others = status.others();
        if (others.queues() > 0) {
            addRow(
                    page,
                    new Status.Row(
                            others.queues() + " more",
                            others.ready(),
                            others.leased(),
                            others.delayed(),
                            others.bytes(),
                            others.dead(),
                            others.expired()));
        }
        if (status.queues().isEmpty()) {
            page.append("<tr><td class=\"none\" colspan=\"7\">There are none yet.</td></tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static void addTopics(StringBuilder page, Status status) {
        if (status.topics().isEmpty()) {
            return;
        }
        page.append("<h2>Topics</h2>\n<div class=\"wide\"><table>\n<tr><th>name</th>");
        page.append("<th>partitions</th><th>records</th><th>size</th><th>oldest</th>");
        page.append("<th>newest</th></tr>\n");
        for (Status.TopicRow row : status.topics()) {
            addHeld(page, row.name(), row.partitions(), row.records(), row.bytes());
            page.append("<td>").append(grouped(row.oldest())).append("</td>");
            page.append("<td>").append(row.newest() < 0 ? "" : grouped(row.newest()));
            page.append("</td></tr>\n");
        }
        Status.OtherTopics others = status.otherTopics();
        if (others.topics() > 0) {
            String more = others.topics() + " more";
            addHeld(page, more, others.partitions(), others.records(), others.bytes());
            page.append("<td></td><td></td></tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static void addHeld(
            StringBuilder page, String name, long partitions, long records, long bytes) {
        addName(page, name);
        page.append("<td>").append(grouped(partitions)).append("</td>");
        page.append("<td>").append(grouped(records)).append("</td>");
        page.append("<td>").append(size(bytes)).append("</td>");
    }

    private static void addName(StringBuilder page, String name) {
        // A name may turn the direction of writing; bdi keeps that inside its cell.
        page.append("<tr><td><bdi>").append(escaped(name)).append("</bdi></td>");
    }

    private static void addRow(StringBuilder page, Status.Row row) {
        addName(page, row.name());
        for (long count : new long[] {row.ready(), row.leased(), row.delayed()}) {
            page.append("<td>").append(grouped(count)).append("</td>");
        }
        page.append("<td>").append(size(row.bytes())).append("</td>");
        page.append("<td>").append(grouped(row.dead())).append("</td>");
        page.append("<td>").append(grouped(row.expired())).append("</td></tr>\n");
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count).replace(',', '\u202f');
    }

    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
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
}
