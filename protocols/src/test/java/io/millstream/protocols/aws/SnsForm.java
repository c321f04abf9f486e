package io.millstream.protocols.aws;

import tools.jackson.databind.JsonNode;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Says a JSON request as a form of the query protocol, as SNS has it: each list and map is
/// wrapped.
final class SnsForm {
    private static final Set<String> LISTS =
            Set.of("TagKeys", "AWSAccountId", "ActionName", "PublishBatchRequestEntries");

    private final List<String> pairs = new ArrayList<>();

    private SnsForm() {}

    static String of(String action, JsonNode request) {
        SnsForm form = new SnsForm();
        form.pair("Action", action);
        form.pair("Version", "2010-03-31");
        form.members("", request);
        return String.join("&", form.pairs);
    }

    private void members(String path, JsonNode structure) {
        structure
                .properties()
                .forEach(member ->
                        member(path + member.getKey(), member.getKey(), member.getValue()));
    }

    private void member(String path, String name, JsonNode value) {
        if (name.equals("Attributes") && value.isObject()) {
            entries(path + ".entry", "key", "value", value);
        } else if (name.equals("MessageAttributes") && value.isObject()) {
            entries(path + ".entry", "Name", "Value", value);
        } else if (name.equals("Tags") && value.isObject()) {
            entries(path + ".member", "Key", "Value", value);
        } else if (LISTS.contains(name) && value.isArray()) {
            int index = 0;
            for (JsonNode item : value) {
                value(path + ".member." + ++index, item);
            }
        } else {
            value(path, value);
        }
    }

    private void entries(String path, String key, String value, JsonNode map) {
        int index = 0;
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String place = path + '.' + ++index + '.';
            pair(place + key, entry.getKey());
            value(place + value, entry.getValue());
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
