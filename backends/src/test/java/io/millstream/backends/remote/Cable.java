package io.millstream.backends.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The network between a program and a server, which a test can cut and mend.
final class Cable implements AutoCloseable {
    private final ServerSocket door;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean silent;

    /// @param port of the server on this machine
    Cable(int port) throws IOException {
        this.port = port;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + door.getLocalPort());
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                connect(door.accept());
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private void connect(Socket near) throws IOException {
        try {
            if (cut) {
                throw new IOException("The cable is cut.");
            }
            Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
            sockets.add(near);
            sockets.add(far);
            Thread.ofVirtual().start(() -> carry(near, far));
            Thread.ofVirtual().start(() -> carry(far, near));
        } catch (IOException unreachable) {
            near.close();
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] bytes = new byte[8 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (!silent) {
                    out.write(bytes, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // Cut.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /// Breaks what is connected, and lets nobody connect.
    void cut() {
        cut = true;
        breakAll();
    }

    /// Breaks what is connected.
    void breakAll() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed, then.
            }
        }
    }

    void mend() {
        cut = false;
        silent = false;
    }

    /// Swallows everything, and breaks nothing.
    void fallSilent() {
        silent = true;
    }

    @Override
    public void close() throws IOException {
        door.close();
        breakAll();
    }
}
