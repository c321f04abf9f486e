package io.millstream.engine;

import io.millstream.engine.state.Delivery;

import org.jspecify.annotations.Nullable;

/// What a lease is charged to: the session whose end ends it, and the window that it takes room in.
final class Hold implements Delivery.Holder {
    private final Dispatcher dispatcher;
    private final EngineSession session;
    private final @Nullable Window window;

    Hold(Dispatcher dispatcher, EngineSession session, @Nullable Window window) {
        this.dispatcher = dispatcher;
        this.session = session;
        this.window = window;
    }

    void charge(Delivery delivery) {
        delivery.heldBy(this);
        if (delivery.isSessionBound()) {
            session.leases().add(delivery);
        }
        if (window != null) {
            window.leased(delivery.bytes());
        }
    }

    @Override
    public void released(Delivery delivery) {
        session.leases().remove(delivery);
        if (window != null) {
            boolean wasOpen = window.isOpen();
            window.released(delivery.bytes());
            if (!wasOpen && window.isOpen()) {
                // As long as it is open nobody waits for it, and it may have a thousand consumers.
                window.consumers().forEach(consumer -> dispatcher.touch(consumer.channel()));
            }
        }
    }
}
