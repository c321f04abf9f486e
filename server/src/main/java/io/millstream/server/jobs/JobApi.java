package io.millstream.server.jobs;

import static io.millstream.protocols.http.Extension.Body.LARGE;
import static io.millstream.protocols.http.Extension.Body.NONE;
import static io.millstream.protocols.http.Extension.Body.SMALL;
import static io.millstream.protocols.http.Extension.Shows.EVENTS;
import static io.millstream.protocols.http.Extension.Shows.SOMETHING;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.index.JobIndex;
import io.millstream.jobs.Jobs;
import io.millstream.protocols.http.Extension;
import io.vertx.core.http.HttpMethod;

import java.util.List;
import java.util.Optional;

/// The endpoints of jobs, schedules, queues and topics, and of the description of all. Safe for
/// threads.
public final class JobApi implements AutoCloseable {
    private static final HttpMethod GET = HttpMethod.GET;
    private static final HttpMethod POST = HttpMethod.POST;

    private final Jobs jobs;
    private final List<Extension> endpoints;

    private JobApi(Backend backend, Jobs jobs, Optional<JobIndex> index) {
        this.jobs = jobs;
        Turns turns = new Turns();
        Waiting waiting = new Waiting(jobs, turns);
        ChannelPages channels = new ChannelPages(backend, jobs);
        Submitting submitting = new Submitting(jobs, channels, waiting, turns);
        Searching searching = new Searching(index);
        Listing listing = new Listing(jobs, searching);
        DeadPages dead = new DeadPages(jobs);
        SchedulePages schedules = new SchedulePages(jobs, turns);
        this.endpoints =
                List.of(
                        new Extension(POST, "/jobs", LARGE, SOMETHING, submitting::submit),
                        get("/jobs", listing::list),
                        get("/jobs/counts", searching::counts),
                        get("/jobs/:id", waiting::status),
                        get("/jobs/:id/history", searching::history),
                        new Extension(GET, "/jobs/:id/events", NONE, EVENTS, waiting::events),
                        get("/jobs/:id/why", waiting::why),
                        post("/jobs/:id/cancel", waiting::cancel),
                        get("/dead", dead::list),
                        get("/dead/kinds", dead::kinds),
                        withBody(POST, "/dead/redrive", dead::redrive),
                        withBody(POST, "/dead/discard", dead::discard),
                        get("/schedules", schedules::list),
                        withBody(POST, "/schedules/preview", schedules::previewOf),
                        get("/schedules/:name", schedules::one),
                        new Extension(
                                HttpMethod.PUT,
                                "/schedules/:name",
                                LARGE,
                                SOMETHING,
                                schedules::put),
                        new Extension(
                                HttpMethod.DELETE,
                                "/schedules/:name",
                                NONE,
                                SOMETHING,
                                schedules::remove),
                        get("/schedules/:name/preview", schedules::preview),
                        post("/schedules/:name/pause", schedules::pause),
                        post("/schedules/:name/resume", schedules::resume),
                        post("/schedules/:name/trigger", schedules::trigger),
                        get("/queues", channels::queues),
                        get("/queues/:name", channels::queue),
                        post("/queues/:name/pause", channels::pause),
                        post("/queues/:name/resume", channels::resume),
                        get("/topics", channels::topics),
                        get("/topics/:name", channels::topic),
                        new OpenApi().endpoint());
    }

    /// Jobs in a store, which stays open when this is closed, and cannot be searched.
    public static JobApi over(Backend backend) {
        return over(backend, Optional.empty());
    }

    /// Jobs in a store, and where they are searched; both stay open when this is closed.
    public static JobApi over(Backend backend, Optional<JobIndex> index) {
        return new JobApi(backend, Jobs.over(Millstream.over(backend)), index);
    }

    private static Extension get(String path, Extension.Work work) {
        return new Extension(GET, path, NONE, SOMETHING, work);
    }

    private static Extension post(String path, Extension.Work work) {
        return new Extension(POST, path, NONE, SOMETHING, work);
    }

    private static Extension withBody(HttpMethod method, String path, Extension.Work work) {
        return new Extension(method, path, SMALL, SOMETHING, work);
    }

    /// By which it serves them.
    public Jobs jobs() {
        return jobs;
    }

    /// What there is, for the API to serve.
    public List<Extension> endpoints() {
        return endpoints;
    }

    /// Awaits nothing any more.
    @Override
    public void close() {
        jobs.close();
    }
}
