package io.millstream.backends.remote;

import io.millstream.api.Backend;
import io.millstream.api.BackendProvider;

import java.net.URI;
import java.util.Locale;

/// Opens servers by the addresses of their HTTP ports, `http:` and `https:`.
public final class RemoteProvider implements BackendProvider {

    @Override
    public boolean opens(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        return scheme.equals("http") || scheme.equals("https");
    }

    @Override
    public Backend open(URI address) {
        return RemoteBackend.open(RemoteOptions.at(address));
    }
}
