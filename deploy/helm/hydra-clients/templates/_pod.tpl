{{- /* The pod, of the controller as of the Job. */ -}}
{{- define "hydra-clients.pod" -}}
metadata:
  labels:
    {{- include "hydra-clients.selector" . | nindent 4 }}
    hydra-clients: alone
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # A changed setting is a new pod.
    checksum/settings: {{ include "hydra-clients.settings" . | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  # A Service named hydra-clients would set variables that begin as this program's do.
  enableServiceLinks: false
  {{- if eq .Values.mode "once" }}
  restartPolicy: Never
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: hydra-clients
      image: {{ include "hydra-clients.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: {{ ternary (list "run" "--once") (list "run") (eq .Values.mode "once") | toJson }}
      envFrom:
        - configMapRef:
            name: {{ include "hydra-clients.name" . }}
      {{- if eq .Values.mode "controller" }}
      ports:
        - name: metrics
          containerPort: 9465
      livenessProbe:
        httpGet:
          path: /healthz
          port: metrics
        periodSeconds: 20
        timeoutSeconds: 5
        failureThreshold: 6
      # Ready when a cycle has read both sides: what `kubectl rollout status` waits for. Nobody sends requests here.
      readinessProbe:
        httpGet:
          path: /readyz
          port: metrics
        periodSeconds: 5
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources: {{ toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - name: hydra-clients
          mountPath: /var/lib/hydra-clients
        {{- if .Values.configMap }}
        - name: manifests
          mountPath: /manifests
          readOnly: true
        {{- end }}
        {{- if .Values.git.existingSecret }}
        - name: git-secret
          mountPath: /etc/hydra-clients/git
          readOnly: true
        {{- end }}
        {{- if .Values.endpointSecret }}
        - name: endpoint-secret
          mountPath: /etc/hydra-clients/hydra
          readOnly: true
        {{- end }}
        {{- if .Values.clientSecrets }}
        - name: client-secrets
          mountPath: /etc/hydra-clients/secrets
          readOnly: true
        {{- end }}
        {{- if .Values.outbox.enabled }}
        - name: recipient
          mountPath: /etc/hydra-clients/recipient
          readOnly: true
        {{- end }}
  {{- with include "hydra-clients.volumes" . | trim }}
  volumes: {{ . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "hydra-clients.volumes" -}}
{{- if eq .Values.mode "once" }}
- name: hydra-clients
  emptyDir: {}
{{- end }}
{{- with .Values.configMap }}
- name: manifests
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- with .Values.git.existingSecret }}
- name: git-secret
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- with .Values.endpointSecret }}
- name: endpoint-secret
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- with .Values.clientSecrets }}
- name: client-secrets
  secret:
    secretName: {{ . | quote }}
    defaultMode: 0440
{{- end }}
{{- if .Values.outbox.enabled }}
- name: recipient
  secret:
    secretName: {{ .Values.outbox.recipientSecret | quote }}
    defaultMode: 0444
{{- end }}
{{- end }}
