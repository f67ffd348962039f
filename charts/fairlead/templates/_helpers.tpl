{{- define "fairlead.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Names of cluster-wide objects: two releases in two namespaces do not meet. */}}
{{- define "fairlead.clusterName" -}}
{{- $name := include "fairlead.fullname" . -}}
{{- ternary $name (printf "%s-%s" $name .Release.Namespace) (eq .Release.Namespace "fairlead-system") -}}
{{- end -}}

{{- define "fairlead.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "fairlead.labels" -}}
{{ include "fairlead.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "fairlead.serviceAccount" -}}
{{- default (include "fairlead.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The spec of Settings. Two installations that nobody named must not take each other's records for their own. */}}
{{- define "fairlead.settings" -}}
{{- $name := printf "%s/%s" .Release.Namespace (include "fairlead.fullname" .) -}}
{{- merge (deepCopy .Values.settings) (dict "installation" $name) | toYaml -}}
{{- end -}}

{{- define "fairlead.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s%s" $image.repository (default .Chart.AppVersion $image.tag) (ternary "-slim" "" (eq $image.variant "slim")) -}}
{{- end -}}
{{- end -}}

{{/* Whether there are rights that reach beyond named namespaces. */}}
{{- define "fairlead.isClusterWide" -}}
{{- if eq .Values.rbac.scope "cluster" }}true{{ end -}}
{{- end -}}

{{/* Where declarations are read with scope namespace, as a JSON list. */}}
{{- define "fairlead.namespaces" -}}
{{- default (list .Release.Namespace) .Values.rbac.namespaces | uniq | toJson -}}
{{- end -}}

{{- define "fairlead.subject" -}}
- kind: ServiceAccount
  name: {{ include "fairlead.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What the controller does with declarations: reads them, and writes their status and events. */}}
{{- define "fairlead.rules" -}}
{{- $kinds := list "miniprograms" "miniprogramreleases" "configprofiles" "gitsources" -}}
{{- if .cluster }}{{ $kinds = append $kinds "platformconnections" }}{{ end -}}
- apiGroups: [fairlead.dev]
  resources: [{{ join ", " $kinds }}]
  verbs: [get, list, watch]
- apiGroups: [fairlead.dev]
  resources:
    {{- range $kinds }}
    - {{ . }}/status
    {{- end }}
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}
