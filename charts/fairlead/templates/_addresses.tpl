{{/* Two to the power of it: how many addresses, or halves of words, a range leaves open. */}}
{{- define "fairlead.power" -}}
{{- $power := 1 -}}
{{- range until (int .) }}{{ $power = mul $power 2 }}{{ end -}}
{{- $power -}}
{{- end -}}

{{/* Link-local addresses, and a cloud's metadata beside them, that lie within a range and do not fill it: a list, or nothing. */}}
{{- define "fairlead.linkLocal" -}}
{{- $parts := splitList "/" . -}}
{{- $address := lower (first $parts) -}}
{{- $length := int (last $parts) -}}
{{- if contains ":" $address -}}
{{- include "fairlead.linkLocal6" (dict "address" $address "length" $length) -}}
{{- else -}}
{{- include "fairlead.linkLocal4" (dict "address" $address "length" $length) -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.linkLocal4" -}}
{{- if lt .length 16 -}}
{{- $value := 0 -}}
{{- range splitList "." .address }}{{ $value = add (mul $value 256) (int .) }}{{ end -}}
{{- $open := include "fairlead.power" (sub 32 .length) | int64 -}}
{{- if eq (div $value $open) (div 2851995648 $open) }}[169.254.0.0/16]{{ end -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.linkLocal6" -}}
{{- $words := splitList ":" (regexReplaceAll "::.*$" .address ":0:0") -}}
{{- $value := 0 -}}
{{- range slice $words 0 2 }}{{ $value = add (mul $value 65536) (printf "0x%s" (default "0" .) | int64) }}{{ end -}}
{{- $found := list -}}
{{- $open := include "fairlead.power" (max 0 (sub 32 .length)) | int64 -}}
{{- if and (lt .length 10) (eq (div $value $open) (div 4269801472 $open)) }}{{ $found = append $found "'fe80::/10'" }}{{ end -}}
{{- $isMetadata := eq (div $value $open) (div 4244639426 $open) -}}
{{- if gt .length 32 }}{{ $isMetadata = and $isMetadata (regexMatch "^fd00:0?ec2:(0*:)*:?0*$" .address) (le .length 118) }}{{ end -}}
{{- if $isMetadata }}{{ $found = append $found "'fd00:ec2::254/128'" }}{{ end -}}
{{- with $found }}[{{ join ", " . }}]{{ end -}}
{{- end -}}
