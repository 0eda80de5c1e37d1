{{- /* The environment of the program: what values name, and over it what `settings` names. */ -}}
{{- define "hydra-clients.settings" -}}
{{- $values := .Values }}
{{- $found := dict "endpoint" $values.endpoint "log-format" "json" }}
{{- if $values.git.url }}
{{- $_ := merge $found (dict "git-url" $values.git.url "git-ref" $values.git.ref "state-dir" "/var/lib/hydra-clients/state") }}
{{- else }}
{{- $_ := set $found "manifests" "/manifests" }}
{{- end }}
{{- with $values.path }}{{ $_ := set $found "path" . }}{{ end }}
{{- with $values.clientSecrets }}{{ $_ := set $found "secrets-root" "/etc/hydra-clients/secrets" }}{{ end }}
{{- if $values.outbox.enabled }}
{{- $_ := set $found "outbox" "/var/lib/hydra-clients/outbox" }}
{{- $_ := set $found "pgp-key-file" (printf "/etc/hydra-clients/recipient/%s" $values.outbox.recipientKey) }}
{{- end }}
{{- if eq $values.mode "controller" }}
{{- $_ := merge $found (dict "listen" "127.0.0.1:9464" "metrics-listen" "0.0.0.0:9465") }}
{{- end }}
{{- range $name, $value := mergeOverwrite $found ($values.settings | default dict) }}
{{- /* A number of values.yaml is a float64, which toString writes as 1e+06. */ -}}
{{- if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ $value = int64 $value }}{{ end }}
HYDRA_CLIENTS_{{ $name | upper | replace "-" "_" }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- /* What the schema of the values cannot say. */ -}}
{{- define "hydra-clients.mistakes" -}}
{{- if eq (empty .Values.git.url) (empty .Values.configMap) }}
{{- fail "set git.url or configMap: the manifests come from one of the two" }}
{{- end }}
{{- if and .Values.outbox.enabled (eq .Values.mode "once") }}
{{- fail "outbox.enabled needs mode: controller; nothing of a Job's pod outlives it, and a generated secret would be lost" }}
{{- end }}
{{- end }}
