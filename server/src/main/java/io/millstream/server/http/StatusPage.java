package io.millstream.server.http;

import static io.millstream.server.http.Html.duration;
import static io.millstream.server.http.Html.escaped;
import static io.millstream.server.http.Html.grouped;
import static io.millstream.server.http.Html.rate;
import static io.millstream.server.http.Html.shortened;
import static io.millstream.server.http.Html.size;

import org.jspecify.annotations.Nullable;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The status as a page for a person: whole without its script, which only asks for it anew each
/// second. Nothing is loaded from elsewhere.
final class StatusPage {
    /// Where its script is.
    static final String SCRIPT_PATH = "/status.js";

    static final String SCRIPT = Html.resource("status.js");

    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Millstream</title>
            <style>
            %s</style>
            </head>
            <body>
            <p id="stale" role="status"></p>
            <main>
            """
                    .formatted(Html.resource("status.css"));
    private static final String END =
            """
            <p><a href="/health">health</a> · <a href="/metrics">metrics</a>
            · <a href="/api/v1/openapi.json">API</a></p>
            </main>
            <script src="%s"></script>
            </body>
            </html>
            """
                    .formatted(SCRIPT_PATH);
    private static final int REASON_CHARS = 200;
    private static final int CHART_WIDTH = 600;
    private static final int CHART_HEIGHT = 100;

    private final StringBuilder page = new StringBuilder(HEAD);
    private final Status status;

    private StatusPage(Status status) {
        this.status = status;
    }

    /// @param course how much flowed lately
    /// @param dead what jobs died of, if it is shown
    static String of(Status status, List<Flow.Step> course, DeadLook dead) {
        StatusPage page = new StatusPage(status);
        page.addHeader();
        page.addTiles();
        page.addChart(course);
        page.addQueues();
        page.addDead(dead);
        page.addTopics();
        page.addAddresses();
        return page.page.append(END).toString();
    }

    private void addHeader() {
        boolean isReady = status.state().equals("ready");
        page.append("<header><h1>").append(escaped(status.name())).append("</h1>");
        page.append("<p><span class=\"state").append(isReady ? "" : " no").append("\">");
        page.append(escaped(status.state())).append("</span>, version ");
        page.append(escaped(status.version())).append(", up ");
        page.append(duration(status.uptimeSeconds())).append("</p></header>\n");
    }

    private void addTiles() {
        Flow.Rate flow = status.flow();
        Status.JobCounts jobs = status.jobs();
        page.append("<h2>Messages and jobs</h2>\n<div class=\"tiles\">\n");
        addTile("in", flow == null ? "–" : rate(flow.in()), "put each second");
        addTile("done", flow == null ? "–" : rate(flow.done()), "done each second");
        addTile("", grouped(jobs.running()), "jobs running");
        addTile("", grouped(jobs.waiting()), "jobs waiting");
        addTile("", grouped(jobs.delayed()), "jobs delayed");
        addTile(jobs.dead() > 0 ? "bad" : "", grouped(jobs.dead()), "jobs dead");
        page.append("</div>\n");
    }

    private void addTile(String kind, String value, String what) {
        page.append("<div class=\"tile ").append(kind).append("\"><b>").append(value);
        page.append("</b><span>").append(what).append("</span></div>\n");
    }

    /// The last minute.
    private void addChart(List<Flow.Step> course) {
        if (course.size() < 2) {
            return;
        }
        double most =
                course.stream()
                        .mapToDouble(step -> Math.max(step.rate().in(), step.rate().done()))
                        .max()
                        .orElse(0);
        page.append("<figure class=\"card\"><figcaption><span><i class=\"in\">put</i> and");
        page.append(" <i class=\"done\">done</i> each second, the last minute</span><span>up to ");
        page.append(rate(most)).append("</span></figcaption>\n");
        page.append("<svg viewBox=\"0 0 %d %d\" ".formatted(CHART_WIDTH, CHART_HEIGHT));
        page.append("preserveAspectRatio=\"none\" role=\"img\" aria-label=\"rates\">");
        addLine("in", course, most);
        addLine("done", course, most);
        page.append("</svg></figure>\n");
    }

    private void addLine(String kind, List<Flow.Step> course, double most) {
        page.append("<polyline class=\"").append(kind).append("\" points=\"");
        for (Flow.Step step : course) {
            double value = kind.equals("in") ? step.rate().in() : step.rate().done();
            double x = CHART_WIDTH * (1 - step.secondsAgo() / Flow.SECONDS);
            double y = CHART_HEIGHT - 3 - (most == 0 ? 0 : (CHART_HEIGHT - 6) * value / most);
            page.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        }
        page.append("\"/>");
    }

    private void addQueues() {
        page.append("<h2>Queues</h2>\n<div class=\"card\"><table>\n");
        page.append(
                "<tr><th>name</th><th>put/s</th><th>done/s</th><th>ready</th><th>oldest</th>"
                        + "<th>leased</th><th>delayed</th><th>size</th><th>dead</th>"
                        + "<th>expired</th></tr>\n");
        status.queues().forEach(this::addQueue);
        Status.Others others = status.others();
        if (others.queues() > 0) {
            addName(others.queues() + " more", false);
            page.append("<td></td><td></td>");
            addCount(others.ready(), "");
            page.append("<td></td>");
            addRest(
                    others.leased(),
                    others.delayed(),
                    others.bytes(),
                    others.dead(),
                    others.expired());
        }
        if (status.queues().isEmpty()) {
            page.append("<tr><td class=\"none\" colspan=\"10\">There are none yet.</td></tr>\n");
        }
        page.append("</table></div>\n");
    }

    private void addQueue(Status.Row row) {
        addName(row.name(), row.isPaused());
        Flow.Rate flow = row.flow();
        addRate(flow == null ? null : flow.in());
        addRate(flow == null ? null : flow.done());
        addCount(row.ready(), "");
        Long oldest = row.oldestSeconds();
        page.append("<td class=\"wait\">").append(oldest == null ? "" : duration(oldest));
        page.append("</td>");
        addRest(row.leased(), row.delayed(), row.bytes(), row.dead(), row.expired());
    }

    private void addRest(long leased, long delayed, long bytes, long dead, long expired) {
        addCount(leased, "");
        addCount(delayed, "");
        page.append("<td>").append(size(bytes)).append("</td>");
        addCount(dead, "bad");
        addCount(expired, "");
        page.append("</tr>\n");
    }

    private void addCount(long count, String kind) {
        page.append("<td class=\"").append(count == 0 ? "zero" : kind).append("\">");
        page.append(grouped(count)).append("</td>");
    }

    private void addRate(@Nullable Double perSecond) {
        boolean isNothing = perSecond == null || perSecond == 0;
        page.append(isNothing ? "<td class=\"zero\">" : "<td>");
        page.append(perSecond == null ? "–" : rate(perSecond)).append("</td>");
    }

    private void addName(String name, boolean isPaused) {
        // A name may turn the direction of writing; bdi keeps that inside its cell.
        page.append("<tr><td><bdi>").append(escaped(name)).append("</bdi>");
        page.append(isPaused ? "<small>paused</small>" : "").append("</td>");
    }

    private void addDead(DeadLook dead) {
        if (dead.kinds().isEmpty()) {
            return;
        }
        page.append("<h2>Dead jobs, by what they died of</h2>\n<div class=\"card\"><table>\n");
        page.append("<tr><th>fingerprint</th><th>jobs</th><th class=\"text\">type</th>");
        page.append("<th class=\"text\">the last one said</th><th>since</th></tr>\n");
        for (DeadLook.Kind kind : dead.kinds()) {
            String type = kind.type();
            page.append("<tr><td><code>").append(escaped(kind.fingerprint()));
            page.append("</code></td><td class=\"bad\">").append(grouped(kind.jobs()));
            page.append("</td><td class=\"text\"><bdi>");
            page.append(type == null ? "" : escaped(type)).append("</bdi></td>");
            page.append("<td class=\"text\"><bdi>");
            page.append(shortened(kind.reason(), REASON_CHARS)).append("</bdi></td><td>");
            page.append("<time>").append(kind.first().truncatedTo(ChronoUnit.SECONDS));
            page.append("</time></td></tr>\n");
        }
        page.append("</table></div>\n");
        if (dead.others() > 0 || dead.isCut()) {
            page.append("<p>").append(dead.others()).append(" kinds more");
            page.append(
                    dead.isCut()
                            ? ", of the %s that died first".formatted(grouped(DeadLook.JOBS_MAX))
                            : "");
            page.append(": <code>millstream jobs dead</code></p>\n");
        }
    }

    private void addTopics() {
        if (status.topics().isEmpty()) {
            return;
        }
        page.append("<h2>Topics</h2>\n<div class=\"card\"><table>\n<tr><th>name</th>");
        page.append("<th>partitions</th><th>records</th><th>size</th><th>oldest</th>");
        page.append("<th>newest</th></tr>\n");
        for (Status.TopicRow row : status.topics()) {
            addHeld(row.name(), row.partitions(), row.records(), row.bytes());
            page.append("<td>").append(grouped(row.oldest())).append("</td>");
            page.append("<td>").append(row.newest() < 0 ? "" : grouped(row.newest()));
            page.append("</td></tr>\n");
        }
        Status.OtherTopics others = status.otherTopics();
        if (others.topics() > 0) {
            String more = others.topics() + " more";
            addHeld(more, others.partitions(), others.records(), others.bytes());
            page.append("<td></td><td></td></tr>\n");
        }
        page.append("</table></div>\n");
    }

    private void addHeld(String name, long partitions, long records, long bytes) {
        addName(name, false);
        page.append("<td>").append(grouped(partitions)).append("</td>");
        page.append("<td>").append(grouped(records)).append("</td>");
        page.append("<td>").append(size(bytes)).append("</td>");
    }

    private void addAddresses() {
        page.append("<h2>Where</h2>\n<div class=\"card\"><dl>\n");
        for (Map.Entry<String, String> door : status.doors().entrySet()) {
            addTerm(door.getKey(), door.getValue());
        }
        addTerm("data", status.data());
        addTerm("process", Long.toString(status.pid()));
        page.append("</dl></div>\n");
    }

    private void addTerm(String term, String value) {
        page.append("<dt>").append(escaped(term)).append("</dt>");
        page.append("<dd>").append(escaped(value)).append("</dd>\n");
    }
}
