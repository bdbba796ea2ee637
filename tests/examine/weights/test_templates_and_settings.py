"""Chat templates are never rendered, settings never obeyed; what they ask for is reported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.support import codes, examined
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.container import Container, OpenableItem
from workstation.examine.reader import BytesSource, Notes
from workstation.examine.weights import settings, source_code, templates

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ ''['\\u005f\\u005fclass\\u005f\\u005f'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr(x) }}",
    "{{ ''|attr('_'*2 ~ 'class') }}",
    "{{ messages|map(attribute='__class__')|list }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ ('__cla' ~ 'ss__') }}",
    "{{ ''['XXclassXX'.replace('X', '_')] }}",
    "{{ cycler.next }}",
    "{{ joiner['x'] }}",
    "{{ lipsum|string }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.x() }}",
    "{{ messages._private }}",
    "{{ request.application }}",
    "{{ eval('1') }}",
    "{{ getattr(x, 'y') }}",
    "{{ x.os.system('id') }}",
    "{{ x['os']['popen']('id') }}",
    "{% include 'other' %}",
    "{%- import 'other' as o %}",
    "{% for i in range(1000000000) %}{% endfor %}",
    "{{ ''.__class__",
    "{{ '}}' ~ ''.__class__ }}",
    "{% if '%}' and x.__class__ %}{% endif %}",
    "{{ ''['_' ~ '_' ~ 'class' ~ '_' ~ '_'] }}",
    "{{ ''['%c%cclass%c%c' % (95, 95, 95, 95)] }}",
    "{% set x = [].__class__ -%}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_ways_out_of_the_language_are_reported(text: str) -> None:
    """Each known way towards Python from a template is a caution, plain or disguised."""
    outcome, notes = examined(templates, text.encode())
    assert outcome is Outcome.WARN
    assert codes(notes) == {"TEMPLATE_CODE"}


@pytest.mark.parametrize(
    "text",
    [
        "plain text with __class__ and os.system('x') outside of any block",
        "{# a comment about __globals__ #}{{ x }}",
        "{% raw %}{{ ''.__class__ }}{% endraw %}",
        "{% set ns = namespace(found=false) %}{% set ns.found = true %}",
        "{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role') }}{% endif %}",
        "{% for m in messages[::-1] %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% endfor %}",
        "{{ strftime_now('%d %b %Y') }}{{ tool | tojson(indent=4) }}{{ loop.index0 % 2 }}",
        "{% set _ = messages.pop(0) %}{% if message.class == 'important' %}{{ message.content }}{% endif %}",
        "{{ '<|im_start|>' + message['role'] + '\\n' }}{% if 'system' in message %}{% endif %}",
        "{% macro r(x) %}{{ x|trim }}{% endmacro %}{{ r(messages|selectattr('role', 'equalto', 'user')) }}",
        "{{ config.title }}",
        "{{ tool.name | replace('-', '_') }}",
        "{{ '}}' }} __class__ outside",
        "",
    ],
)
def test_ordinary_templates_are_left_alone(text: str) -> None:
    """What real chat templates use raises nothing."""
    outcome, notes = examined(templates, text.encode())
    assert outcome is Outcome.ACCEPT, notes.findings


def said(value: object, name: str = "config.json", **extra: object) -> tuple[Outcome, Notes]:
    """Examine a settings file."""
    notes = Notes(**extra)  # type: ignore[arg-type]  # the few tests that need a folder pass one
    settings.examine(
        BytesSource(value if isinstance(value, bytes) else json.dumps(value).encode(), name), notes
    )
    return outcome_of(notes.findings), notes


def test_settings_that_ask_for_code_need_a_person() -> None:
    """auto_map, custom pipelines and trust_remote_code are cautions wherever they stand."""
    for value in (
        {"auto_map": {"AutoModel": "modeling_x.XModel"}},
        {"custom_pipelines": {"p": {"impl": "x.P"}}},
        {"text_config": {"trust_remote_code": True}},
    ):
        outcome, notes = said(value)
        assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL_REMOTE_CODE"})
    outcome, notes = said({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32000})
    assert outcome is Outcome.ACCEPT
    assert notes.facts["architectures"] == ["LlamaForCausalLM"]
    assert said({"trust_remote_code": False, "auto_map": {}})[0] is Outcome.ACCEPT


def test_templates_are_found_under_any_key() -> None:
    """A template in a list of named templates or under a made-up key is looked at."""
    evil = "{{ cycler.__init__.__globals__ }}"
    for value in (
        {"chat_template": evil},
        {"chat_template": [{"name": "t", "template": evil}]},
        {"x": {"y": evil}},
    ):
        outcome, notes = said(value, "tokenizer_config.json")
        assert (outcome, codes(notes)) == (Outcome.WARN, {"TEMPLATE_CODE"})
    outcome, notes = said({"chat_template": "{{ messages }}"}, "tokenizer_config.json")
    assert outcome is Outcome.ACCEPT
    assert notes.facts["chat_templates"] == {"chat_template": "{{ messages }}"}
    vocabulary = {"model": {"vocab": {"{{ __class__ }}": 1}, "merges": ["{{ x.__class__ }}"]}}
    assert said(vocabulary, "tokenizer.json")[0] is Outcome.ACCEPT


def test_a_key_given_twice_needs_a_person() -> None:
    """Two readers may see two different settings."""
    outcome, notes = said(b'{"model_type": "a", "model_type": "b"}')
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL:duplicate-key"})


def test_shards_are_compared_with_what_came_along() -> None:
    """A shard outside the folder is refused, a missing one inconclusive."""

    def index(name: str) -> tuple[Outcome, set[str]]:
        folder = Container(
            [OpenableItem(path="m/a.safetensors", size_bytes=1, open=lambda: BytesSource(b""))]
        )
        outcome, notes = said(
            {"weight_map": {"t": name}}, member="m/model.safetensors.index.json", folder=folder
        )
        return outcome, codes(notes)

    assert index("a.safetensors") == (Outcome.ACCEPT, set())
    assert index("b.safetensors") == (Outcome.WARN, {"MODEL:shard-missing"})
    assert index("../a.safetensors") == (Outcome.REJECT, {"MODEL:shard-traversal"})
    assert index("/a.safetensors") == (Outcome.REJECT, {"MODEL:shard-absolute"})


def test_yaml_that_builds_objects_is_refused() -> None:
    """Python tags of YAML run code in a careless loader; templates in YAML are looked at as text."""
    assert said(b"a: !!python/object/apply:os.system ['x']", "c.yaml")[0] is Outcome.REJECT
    assert said(b"chat_template: \"{{ ''.__class__ }}\"", "c.yaml")[0] is Outcome.WARN
    assert said(b"chat_template: '{{ messages }}'", "c.yml")[0] is Outcome.ACCEPT


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 5_000, b"{", b"\xff\xfe\xff", b"", b"nul"])
def test_broken_settings_are_inconclusive(content: bytes) -> None:
    """What is no JSON, or too deep, is never passed over."""
    outcome, notes = examined(settings, content, "config.json")
    assert outcome is Outcome.WARN
    assert not notes.complete


def test_source_code_is_named_with_its_calls() -> None:
    """Source code is a note that lists what a reviewer wants to see first."""
    outcome, notes = examined(source_code, b"import os\nos.system('x')\neval('1')\n", "model.py")
    assert outcome is Outcome.ACCEPT
    assert notes.facts["calls"] == ["eval", "os.system"]
    assert codes(notes) == {"MODEL_SOURCE_CODE"}
    assert examined(source_code, b"\xa7\r\r\n", "model.pyc")[0] is Outcome.WARN


@given(st.text(max_size=200))
def test_no_text_breaks_the_template_reader(text: str) -> None:
    """Whatever the text, the reader ends in an answer."""
    examined(templates, text.encode("utf-8", "surrogatepass"))
    examined(templates, ("{{ '" + text + "' }}").encode("utf-8", "surrogatepass"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["class_name", "config", "module", "auto_map", "weight_map", "chat_template", "architectures"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(_JSON)
def test_no_settings_break_the_reader(value: object) -> None:
    """Whatever the JSON, the reader ends in an answer."""
    examined(settings, json.dumps(value).encode(), "config.json")
