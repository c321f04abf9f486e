package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// Writes down the parts of a queue for a snapshot before they change: its head, and its runs with
/// all that hangs on their messages. See [Images].
final class QueueImages {
    private final QueueState queue;
    private final Images images;

    /// The last snapshot that has the queue's head or was begun before it.
    private int imaged;

    QueueImages(QueueState queue, Images images) {
        this.queue = queue;
        this.images = images;
        this.imaged = images.number();
    }

    /// Comes before anything that is not part of a message changes.
    void changing() {
        if (images.lack(imaged)) {
            imaged = images.number();
            QueueCodec.writeHead(queue, images.out());
            images.cut();
        }
    }

    /// Comes before anything of a message changes.
    void changing(long sequence) {
        if (images.areTaken()) {
            changing();
            changing(queue.runs().runOf(sequence));
        }
    }

    void changing(@Nullable Run run) {
        if (run != null && images.lack(run.imaged)) {
            changing();
            run.imaged = images.number();
            QueueCodec.writeRun(queue, run, images.out());
            images.cut();
        }
    }

    void changing(SeenKeys.@Nullable Page page) {
        if (page != null && images.lack(page.imaged)) {
            changing();
            page.imaged = images.number();
            QueueCodec.writeSeen(queue, page, images.out());
            images.cut();
        }
    }

    void changing(Paces.Page page) {
        if (images.lack(page.imaged)) {
            changing();
            page.imaged = images.number();
            QueueCodec.writePaces(queue, page, images.out());
            images.cut();
        }
    }

    /// Has the page of paces of a number written, unless it was.
    ///
    /// @return from where to go on, or -1 at the end
    long imagePacesFrom(long number) {
        Throttle throttle = queue.throttle();
        if (throttle == null || number >= throttle.paces().pages()) {
            return -1;
        }
        changing(throttle.paces().page((int) number));
        return number + 1;
    }

    /// Has the first page of keys from a number on written, unless it was.
    ///
    /// @return from where to go on, or -1 at the end
    long imageSeenFrom(long number) {
        SeenKeys.Page page = queue.equal().pageFrom(number);
        changing(page);
        return page == null ? -1 : page.number + 1;
    }

    /// Has the first run that begins at `from` or later written, unless it was.
    ///
    /// @return from where to go on, or -1 at the end
    long imageFrom(long from) {
        changing();
        Run run = queue.runs().runFrom(from);
        changing(run);
        return run == null ? -1 : run.first() + 1;
    }
}
