package io.millstream.protocols.aws.push;

import java.util.ArrayDeque;
import java.util.Queue;

/// Bounds how many posts there are at once. Who comes too early waits in line, which costs neither
/// time of the post nor an attempt. Used on one event loop.
final class Turns {
    private final Queue<Runnable> line = new ArrayDeque<>();
    private int most;
    private int taken;
    private boolean serving;

    Turns(int most) {
        this.most = most;
    }

    /// So many at once from now on; those that are more finish.
    void resize(int posts) {
        most = posts;
        serve();
    }

    /// Begins now or when it is its turn. Each that was begun gives its turn back once.
    void take(Runnable begin) {
        line.add(begin);
        serve();
    }

    void giveBack() {
        taken--;
        serve();
    }

    private void serve() {
        if (serving) {
            // Somebody who was begun is done at once, and the loop below goes on.
            return;
        }
        serving = true;
        try {
            while (taken < most && !line.isEmpty()) {
                taken++;
                line.remove().run();
            }
        } finally {
            serving = false;
        }
    }
}
