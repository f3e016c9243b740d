package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
)

// writeJSON writes one object. JSON has no form for NaN and infinity: such numbers become
// null, and the object's field "not_finite" lists their paths.
func writeJSON(w io.Writer, value any) error {
	text, err := json.Marshal(value)
	if errors.As(err, new(*json.UnsupportedValueError)) {
		var where []string
		object, ok := finite(reflect.ValueOf(value), "", &where).(map[string]any)
		if !ok {
			return fmt.Errorf("%T is not an object: %w", value, err)
		}
		slices.Sort(where)
		object["not_finite"] = where
		text, err = json.Marshal(object)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// finite turns a value into maps, slices and numbers with the names that encoding/json uses,
// and nil for numbers that are not finite. It appends the paths of these numbers to where, for
// example "predictions[0].logits[3]".
func finite(v reflect.Value, path string, where *[]string) any {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			*where = append(*where, path)
			return nil
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return finite(v.Elem(), path, where)
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = finite(v.Index(i), fmt.Sprintf("%s[%d]", path, i), where)
		}
		return list
	case reflect.Map:
		object := map[string]any{}
		for _, key := range v.MapKeys() {
			object[key.String()] = finite(v.MapIndex(key), join(path, key.String()), where)
		}
		return object
	case reflect.Struct:
		object := map[string]any{}
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name == "-" || strings.Contains(options, "omitempty") && v.Field(i).IsZero() {
				continue
			}
			object[name] = finite(v.Field(i), join(path, name), where)
		}
		return object
	}
	return v.Interface()
}

// join appends a field's name to the path of its object.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
