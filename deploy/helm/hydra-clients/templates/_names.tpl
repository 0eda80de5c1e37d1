{{- /* Names and labels. The selector's never change, or an upgrade would be refused. */ -}}
{{- define "hydra-clients.name" -}}
{{- if contains "hydra-clients" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}{{ printf "%s-hydra-clients" .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "hydra-clients.selector" -}}
app.kubernetes.io/name: hydra-clients
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hydra-clients.labels" -}}
{{ include "hydra-clients.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "hydra-clients.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}
