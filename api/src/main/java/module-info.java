/// The words a program says to Millstream, and the seam that every store of messages implements.
module io.millstream.api {
    requires static transitive org.jspecify;

    exports io.millstream;
    exports io.millstream.api;

    uses io.millstream.api.BackendProvider;
}
