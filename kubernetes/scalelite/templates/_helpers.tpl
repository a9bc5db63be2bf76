{{- define "scalelite.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "scalelite.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "scalelite.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "scalelite.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "scalelite.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
{{ include "scalelite.selector" . }}
{{- end }}

{{- define "scalelite.selector" -}}
app.kubernetes.io/name: {{ include "scalelite.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "scalelite.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "scalelite.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "scalelite.claim" -}}
{{- .Values.recordings.persistence.existingClaim | default (printf "%s-recordings" (include "scalelite.fullname" .)) }}
{{- end }}

{{- /* What the pods of all processes have in common. Takes (dict "root" $ "component" "api" "values" .Values.api). */ -}}
{{- define "scalelite.pod" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "scalelite.serviceAccountName" $root }}
automountServiceAccountToken: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml $root.Values.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "scalelite.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  {{- if and $root.Values.recordings.enabled (ne .component "poller") }}
  - name: recordings
    persistentVolumeClaim:
      claimName: {{ include "scalelite.claim" $root }}
  {{- end }}
{{- end }}

{{- /* What their containers have in common. The component is also the last part of the image's tag. */ -}}
{{- define "scalelite.container" -}}
{{- $root := .root -}}
name: {{ .component }}
image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}-{{ .component }}"
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
securityContext: {{- toYaml $root.Values.securityContext | nindent 2 }}
resources: {{- toYaml .values.resources | nindent 2 }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if and $root.Values.recordings.enabled (ne .component "poller") }}
  - name: recordings
    mountPath: /var/bigbluebutton{{ if eq .component "nginx" }}/published
    subPath: published
    readOnly: true{{ end }}
  {{- end }}
{{- end }}

{{- /* The environment of our own processes. */ -}}
{{- define "scalelite.env" -}}
envFrom:
  - configMapRef:
      name: {{ include "scalelite.fullname" . }}
  - secretRef:
      name: {{ required "existingSecret: the name of a Secret with LOADBALANCER_SECRET, SECRET_KEY_BASE, REDIS_URL and DATABASE_URL is needed" .Values.existingSecret }}
{{- end }}

{{- /* Where they tell their metrics, if they do. */ -}}
{{- define "scalelite.metricsPort" -}}
{{- if .Values.metrics.enabled }}
- {name: metrics, containerPort: {{ .Values.metrics.port }}}
{{- end }}
{{- end }}

{{- /* Labels and annotations of a pod. */ -}}
{{- define "scalelite.podMetadata" -}}
labels:
  {{- include "scalelite.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
annotations:
  checksum/config: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* Metadata of an object of a component, and the selector of its pods. */ -}}
{{- define "scalelite.metadata" -}}
name: {{ include "scalelite.fullname" .root }}-{{ .component }}
labels:
  {{- include "scalelite.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "scalelite.matchLabels" -}}
matchLabels:
  {{- include "scalelite.selector" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
{{- end }}
