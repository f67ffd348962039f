{{/* What belongs together: a schema would only say which value it does not like. */}}
{{- define "fairlead.checks" -}}
{{- $values := .Values -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" (include "fairlead.fullname" .)) -}}
{{- fail (printf "%s is no name for a Service: give fullnameOverride, small letters, digits and hyphens" (include "fairlead.fullname" .)) -}}
{{- end -}}
{{- if and (not $values.serviceAccount.create) (not $values.serviceAccount.name) -}}
{{- fail "serviceAccount.create=false needs serviceAccount.name: the namespace's own account would hand its rights to every pod there" -}}
{{- end -}}
{{- $ours := include "fairlead.labels" . | fromYaml | keys -}}
{{- include "fairlead.refuseOurs" (dict "value" "podLabels" "given" $values.podLabels "ours" $ours) -}}
{{- include "fairlead.refuseOurs" (dict "value" "serviceMonitor.labels" "given" $values.serviceMonitor.labels "ours" $ours) -}}
{{- include "fairlead.refuseOurs" (dict "value" "podAnnotations" "given" $values.podAnnotations "ours" (list "fairlead.dev/settings-digest")) -}}
{{- if include "fairlead.isClusterWide" . -}}
{{- include "fairlead.clusterChecks" . -}}
{{- else -}}
{{- include "fairlead.namespaceChecks" . -}}
{{- end -}}
{{- end -}}

{{/* A key that stands twice is one of the two, and nobody knows which. */}}
{{- define "fairlead.refuseOurs" -}}
{{- range $key, $_ := .given -}}
{{- if has $key $.ours -}}
{{- fail (printf "%s holds %s, which the chart sets itself: take it out" $.value $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.clusterChecks" -}}
{{- if .Values.rbac.namespaces -}}
{{- fail "rbac.namespaces is for rbac.scope=namespace: a cluster-wide install reads the namespaces that its PlatformConnections grant" -}}
{{- end -}}
{{- if .Values.connections.secret -}}
{{- fail "connections.secret is for rbac.scope=namespace: for the whole cluster connections are objects, apply them with kubectl" -}}
{{- end -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" "").items -}}
{{- include "fairlead.refuseSecond" (dict "one" . "release" $.Release) -}}
{{- end -}}
{{- end -}}

{{/* Two that follow the whole cluster would act on the same objects. A release that is only rendered finds nobody. */}}
{{- define "fairlead.refuseSecond" -}}
{{- $labels := default dict .one.metadata.labels -}}
{{- $annotations := default dict .one.metadata.annotations -}}
{{- $name := index $annotations "meta.helm.sh/release-name" -}}
{{- $namespace := index $annotations "meta.helm.sh/release-namespace" -}}
{{- $isOurs := and (eq (default "" $name) .release.Name) (eq (default "" $namespace) .release.Namespace) -}}
{{- $isFairlead := hasPrefix "fairlead-" (default "" (index $labels "helm.sh/chart")) -}}
{{- if and $isFairlead (not $isOurs) (hasSuffix "-controller" .one.metadata.name) -}}
{{- fail (printf "release %s of namespace %s follows the whole cluster already, and two would act on the same objects: uninstall it, or install this one with rbac.scope=namespace" $name $namespace) -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.namespaceChecks" -}}
{{- if not .Values.connections.secret -}}
{{- fail "rbac.scope=namespace needs connections.secret: without rights in the cluster no PlatformConnection is read from it; name a Secret that holds a file of them" -}}
{{- end -}}
{{- if .Values.rbac.allSecrets -}}
{{- fail "rbac.allSecrets is for rbac.scope=cluster: with rbac.scope=namespace no right reaches beyond rbac.namespaces" -}}
{{- end -}}
{{- if .Values.rbac.secretNamespaces -}}
{{- fail "rbac.secretNamespaces is for rbac.scope=cluster: with rbac.scope=namespace Secrets of rbac.namespaces are read" -}}
{{- end -}}
{{- end -}}
