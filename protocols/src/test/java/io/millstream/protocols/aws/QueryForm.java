package io.millstream.protocols.aws;

import tools.jackson.databind.JsonNode;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Says a JSON request as a form of the query protocol.
final class QueryForm {
    private static final Map<String, String> SINGULAR =
            Map.ofEntries(
                    Map.entry("Attributes", "Attribute"),
                    Map.entry("MessageAttributes", "MessageAttribute"),
                    Map.entry("MessageSystemAttributes", "MessageSystemAttribute"),
                    Map.entry("AttributeNames", "AttributeName"),
                    Map.entry("MessageAttributeNames", "MessageAttributeName"),
                    Map.entry("MessageSystemAttributeNames", "MessageSystemAttributeName"),
                    Map.entry("TagKeys", "TagKey"),
                    Map.entry("Tags", "Tag"),
                    Map.entry("tags", "Tag"),
                    Map.entry("AWSAccountIds", "AWSAccountId"),
                    Map.entry("Actions", "ActionName"));

    private final String action;
    private final List<String> pairs = new ArrayList<>();

    private QueryForm(String action) {
        this.action = action;
    }

    static String of(String action, JsonNode request) {
        QueryForm form = new QueryForm(action);
        form.pair("Action", action);
        form.pair("Version", "2012-11-05");
        form.members("", request);
        return String.join("&", form.pairs);
    }

    private void members(String path, JsonNode structure) {
        structure.properties().forEach(member -> member(path, member.getKey(), member.getValue()));
    }

    private void member(String path, String name, JsonNode value) {
        if (name.equals("Entries")) {
            items(path + action + "RequestEntry", value);
        } else if (SINGULAR.containsKey(name) && value.isObject()) {
            entries(path + SINGULAR.get(name), name.equalsIgnoreCase("tags"), value);
        } else if (SINGULAR.containsKey(name)) {
            items(path + SINGULAR.get(name), value);
        } else {
            value(path + name, value);
        }
    }

    private void items(String path, JsonNode items) {
        int index = 0;
        for (JsonNode item : items) {
            value(path + '.' + ++index, item);
        }
    }

    private void entries(String path, boolean tags, JsonNode map) {
        int index = 0;
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String place = path + '.' + ++index;
            pair(place + (tags ? ".Key" : ".Name"), entry.getKey());
            value(place + ".Value", entry.getValue());
        }
    }

    private void value(String path, JsonNode value) {
        if (value.isObject()) {
            members(path + '.', value);
        } else {
            pair(path, value.asString());
        }
    }

    private void pair(String name, String value) {
        pairs.add(
                URLEncoder.encode(name, StandardCharsets.UTF_8)
                        + '='
                        + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
}
