"""The objects of SARIF 2.1.0 (OASIS Standard with Errata 01, chapter 3) as a table.

One line an object: each property with its kind. ``!`` after a name means required.

Kinds: ``s`` string, ``b`` boolean, ``n`` number, ``i`` integer, ``i0``/``i1`` integer at least 0 or 1,
``x`` index (an integer at least -1), ``u`` URI reference, ``a`` absolute URI, ``t`` UTC time, ``g`` GUID,
``*`` anything, ``a|b|c`` in parentheses one of these words, ``[kind]`` array, ``[+kind]`` array that is not
empty, ``{kind}`` object with values of that kind; every other word is an object of this table.
Every object may have ``properties``.
"""

_TABLE = """
sarifLog: version! (2.1.0); $schema u; runs! [run]?; inlineExternalProperties [externalProperties]
address: absoluteAddress x; relativeAddress i; length i; kind s; name s; fullyQualifiedName s; \
offsetFromParent i; index x; parentIndex x
artifact: description message; location artifactLocation; parentIndex x; offset i0; length x; roles [s]; \
mimeType s; contents artifactContent; encoding s; sourceLanguage s; hashes {s}; lastModifiedTimeUtc t
artifactChange: artifactLocation! artifactLocation; replacements! [+replacement]
artifactContent: text s; binary s; rendered multiformatMessageString
artifactLocation: uri u; uriBaseId s; index x; description message
attachment: description message; artifactLocation! artifactLocation; regions [region]; rectangles [rectangle]
codeFlow: message message; threadFlows! [+threadFlow]
configurationOverride: configuration! reportingConfiguration; descriptor! reportingDescriptorReference
conversion: tool! tool; invocation invocation; analysisToolLogFiles [artifactLocation]
edge: id! s; label message; sourceNodeId! s; targetNodeId! s
edgeTraversal: edgeId! s; message message; finalState {multiformatMessageString}; stepOverEdgeCount i0
exception: kind s; message s; stack stack; innerExceptions [exception]
externalProperties: schema u; version (2.1.0); guid g; runGuid g; conversion conversion; graphs [graph]; \
externalizedProperties *; artifacts [artifact]; invocations [invocation]; \
logicalLocations [logicalLocation]; \
threadFlowLocations [threadFlowLocation]; results [result]; taxonomies [toolComponent]; \
driver toolComponent; \
extensions [toolComponent]; policies [toolComponent]; translations [toolComponent]; addresses [address]; \
webRequests [webRequest]; webResponses [webResponse]
externalPropertyFileReference: location artifactLocation; guid g; itemCount x
externalPropertyFileReferences: conversion externalPropertyFileReference; \
graphs [externalPropertyFileReference]; externalizedProperties externalPropertyFileReference; \
artifacts [externalPropertyFileReference]; invocations [externalPropertyFileReference]; \
logicalLocations [externalPropertyFileReference]; threadFlowLocations [externalPropertyFileReference]; \
results [externalPropertyFileReference]; taxonomies [externalPropertyFileReference]; \
addresses [externalPropertyFileReference]; driver externalPropertyFileReference; \
extensions [externalPropertyFileReference]; policies [externalPropertyFileReference]; \
translations [externalPropertyFileReference]; webRequests [externalPropertyFileReference]; \
webResponses [externalPropertyFileReference]
fix: description message; artifactChanges! [+artifactChange]
graph: description message; nodes [node]; edges [edge]
graphTraversal: runGraphIndex x; resultGraphIndex x; description message; \
initialState {multiformatMessageString}; immutableState {multiformatMessageString}; \
edgeTraversals [edgeTraversal]
invocation: commandLine s; arguments [s]; responseFiles [artifactLocation]; startTimeUtc t; endTimeUtc t; \
exitCode i; ruleConfigurationOverrides [configurationOverride]; \
notificationConfigurationOverrides [configurationOverride]; toolExecutionNotifications [notification]; \
toolConfigurationNotifications [notification]; exitCodeDescription s; exitSignalName s; exitSignalNumber i; \
processStartFailureMessage s; executionSuccessful! b; machine s; account s; processId i; \
executableLocation artifactLocation; workingDirectory artifactLocation; environmentVariables {s?}; \
stdin artifactLocation; stdout artifactLocation; stderr artifactLocation; stdoutStderr artifactLocation
location: id x; physicalLocation physicalLocation; logicalLocations [logicalLocation]; message message; \
annotations [region]; relationships [locationRelationship]
locationRelationship: target! i0; kinds [s]; description message
logicalLocation: name s; index x; fullyQualifiedName s; decoratedName s; parentIndex x; kind s
message: text s; markdown s; id s; arguments [s]
multiformatMessageString: text! s; markdown s
node: id! s; label message; location location; children [node]
notification: locations [location]; relatedLocations [location]; message! message; \
level (none|note|warning|error); threadId i; timeUtc t; exception exception; \
descriptor reportingDescriptorReference; associatedRule reportingDescriptorReference
physicalLocation: address address; artifactLocation artifactLocation; region region; contextRegion region
rectangle: top n; left n; bottom n; right n; message message
region: startLine i1; startColumn i1; endLine i1; endColumn i1; charOffset x; charLength i0; byteOffset x; \
byteLength i0; snippet artifactContent; message message; sourceLanguage s
replacement: deletedRegion! region; insertedContent artifactContent
reportingConfiguration: enabled b; level (none|note|warning|error); rank n; parameters *
reportingDescriptor: id! s; deprecatedIds [s]; guid g; deprecatedGuids [g]; name s; deprecatedNames [s]; \
shortDescription multiformatMessageString; fullDescription multiformatMessageString; \
messageStrings {multiformatMessageString}; defaultConfiguration reportingConfiguration; helpUri a; \
help multiformatMessageString; relationships [reportingDescriptorRelationship]
reportingDescriptorReference: id s; index x; guid g; toolComponent toolComponentReference
reportingDescriptorRelationship: target! reportingDescriptorReference; kinds [s]; description message
result: ruleId s; ruleIndex x; rule reportingDescriptorReference; \
kind (notApplicable|pass|fail|review|open|informational); level (none|note|warning|error); \
message! message; \
analysisTarget artifactLocation; locations [location]; guid g; correlationGuid g; occurrenceCount i1; \
partialFingerprints {s}; fingerprints {s}; stacks [stack]; codeFlows [codeFlow]; \
graphs [graph]; \
graphTraversals [graphTraversal]; relatedLocations [location]; suppressions [suppression]; \
baselineState (new|unchanged|updated|absent); rank n; attachments [attachment]; hostedViewerUri a; \
workItemUris [a]; provenance resultProvenance; fixes [fix]; taxa [reportingDescriptorReference]; \
webRequest webRequest; webResponse webResponse
resultProvenance: firstDetectionTimeUtc t; lastDetectionTimeUtc t; firstDetectionRunGuid g; \
lastDetectionRunGuid g; invocationIndex x; conversionSources [physicalLocation]
run: tool! tool; invocations [invocation]; conversion conversion; language s; \
versionControlProvenance [versionControlDetails]; originalUriBaseIds {artifactLocation}; \
artifacts [artifact]; \
logicalLocations [logicalLocation]; graphs [graph]; results [result]?; \
automationDetails runAutomationDetails; \
runAggregates [runAutomationDetails]; baselineGuid g; redactionTokens [s]; defaultEncoding s; \
defaultSourceLanguage s; newlineSequences [+s]; columnKind (utf16CodeUnits|unicodeCodePoints); \
externalPropertyFileReferences externalPropertyFileReferences; threadFlowLocations [threadFlowLocation]; \
taxonomies [toolComponent]; addresses [address]; translations [toolComponent]; policies [toolComponent]; \
webRequests [webRequest]; webResponses [webResponse]; specialLocations specialLocations
runAutomationDetails: description message; id s; guid g; correlationGuid g
specialLocations: displayBase artifactLocation
stack: message message; frames! [stackFrame]
stackFrame: location location; module s; threadId i; parameters [s]
suppression: guid g; kind! (inSource|external); status (accepted|underReview|rejected); justification s; \
location location
threadFlow: id s; message message; initialState {multiformatMessageString}; \
immutableState {multiformatMessageString}; locations! [+threadFlowLocation]
threadFlowLocation: index x; location location; stack stack; kinds [s]; taxa [reportingDescriptorReference]; \
module s; state {multiformatMessageString}; nestingLevel i0; executionOrder x; executionTimeUtc t; \
importance (important|essential|unimportant); webRequest webRequest; webResponse webResponse
tool: driver! toolComponent; extensions [toolComponent]
toolComponent: guid g; name! s; organization s; product s; productSuite s; \
shortDescription multiformatMessageString; fullDescription multiformatMessageString; fullName s; version s; \
semanticVersion s; dottedQuadFileVersion s; releaseDateUtc s; downloadUri a; informationUri a; \
globalMessageStrings {multiformatMessageString}; notifications [reportingDescriptor]; \
rules [reportingDescriptor]; taxa [reportingDescriptor]; locations [artifactLocation]; language s; \
contents [(localizedData|nonLocalizedData)]; isComprehensive b; localizedDataSemanticVersion s; \
minimumRequiredLocalizedDataSemanticVersion s; associatedComponent toolComponentReference; \
translationMetadata translationMetadata; supportedTaxonomies [toolComponentReference]
toolComponentReference: name s; index x; guid g
translationMetadata: name! s; fullName s; shortDescription multiformatMessageString; \
fullDescription multiformatMessageString; downloadUri a; informationUri a
versionControlDetails: repositoryUri! a; revisionId s; branch s; revisionTag s; asOfTimeUtc t; \
mappedTo artifactLocation
webRequest: index x; protocol s; version s; target s; method s; headers {s}; parameters {s}; \
body artifactContent
webResponse: index x; protocol s; version s; statusCode i; reasonPhrase s; headers {s}; \
body artifactContent; \
noResponseReceived b
"""


def _parsed() -> tuple[dict[str, dict[str, str]], dict[str, frozenset[str]]]:
    objects: dict[str, dict[str, str]] = {}
    required: dict[str, frozenset[str]] = {}
    for line in _TABLE.strip().splitlines():
        name, _colon, rest = line.partition(": ")
        kinds = dict(part.strip().split(" ", 1) for part in rest.split("; "))
        required[name] = frozenset(key[:-1] for key in kinds if key.endswith("!"))
        objects[name] = {key.rstrip("!"): kind for key, kind in kinds.items()}
    return objects, required


OBJECTS, REQUIRED = _parsed()
# At least one of these (3.11, 3.29, 3.52, 3.15.3).
ONE_OF = {
    "message": ("text", "id"),
    "physicalLocation": ("address", "artifactLocation"),
    "reportingDescriptorReference": ("index", "guid", "id"),
    "externalPropertyFileReference": ("location", "guid"),
}
