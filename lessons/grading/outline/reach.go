package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// reach finds what has to be in the copy.
type reach struct {
	*sources
	works   map[string]bool
	named   map[string]bool // keys of what is declared in the copy
	whole   map[string]bool // of these, functions with their bodies
	dynamic map[string]bool // names of methods that are called through interfaces
	todo    []string
	// fields that are not exported are in the copy if something in it uses them.
	used   map[types.Object]bool
	hidden map[types.Object]hiddenField
	// foreign are the names that the copy takes from other packages, and bodies the packages
	// that what runs uses.
	foreign map[string]map[string]bool
	bodies  map[string]bool
}

func newReach(s *sources, works map[string]bool) *reach {
	return &reach{
		sources: s, works: works,
		named: map[string]bool{}, whole: map[string]bool{}, dynamic: map[string]bool{},
		used: map[types.Object]bool{}, hidden: map[types.Object]hiddenField{},
		foreign: map[string]map[string]bool{}, bodies: map[string]bool{},
	}
}

// A hiddenField is a field of a struct that nothing outside of its package sees.
type hiddenField struct {
	declared
	node ast.Node
}

// called are the methods that the standard library calls through interfaces.
var called = []string{"Error", "Unwrap"}

func (r *reach) run() error {
	for _, name := range called {
		r.dynamic[name] = true
	}
	for _, line := range slices.Sorted(maps.Keys(r.works)) {
		if strings.HasSuffix(line, "/*") { // a whole package
			path := strings.TrimSuffix(line, "/*")
			if r.packages[path] == nil {
				return fmt.Errorf("there is no package %s", path)
			}
			for _, key := range r.order {
				if d := r.byKey[key]; d.pkg.PkgPath == path {
					r.name(key)
					r.run1(key)
				}
			}
			continue
		}
		if _, ok := r.byKey[line].node.(*ast.FuncDecl); !ok {
			return fmt.Errorf("there is no function %s", line)
		}
		r.name(line)
		r.run1(line)
	}
	for _, path := range offered {
		for _, key := range r.order {
			if d := r.byKey[key]; d.pkg.PkgPath == path && isExported(key[len(path)+1:]) && !strings.Contains(key[len(path)+1:], ".") {
				r.name(key)
			}
		}
	}
	for len(r.todo) > 0 {
		key := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		r.visit(key)
	}
	return nil
}

func isExported(name string) bool { return ast.IsExported(name) }

// name puts a declaration into the copy.
func (r *reach) name(key string) {
	if _, ok := r.byKey[key]; !ok || r.named[key] {
		return
	}
	r.named[key] = true
	r.todo = append(r.todo, key)
	for _, method := range r.methods[key] {
		r.name(method)
		if r.dynamic[method[strings.LastIndex(method, ".")+1:]] {
			r.run1(method)
		}
	}
}

// run1 has a function's body in the copy.
func (r *reach) run1(key string) {
	if _, ok := r.byKey[key].node.(*ast.FuncDecl); !ok || r.whole[key] {
		return
	}
	r.named[key], r.whole[key] = true, true
	r.todo = append(r.todo, key)
}

// visit follows what a declaration uses.
func (r *reach) visit(key string) {
	d := r.byKey[key]
	switch node := d.node.(type) {
	case *ast.FuncDecl:
		if node.Recv != nil {
			r.follow(d, node.Recv, false)
		}
		r.follow(d, node.Type, false)
		if r.whole[key] && node.Body != nil {
			r.follow(d, node.Body, true)
		}
	case *ast.GenDecl:
		for _, spec := range node.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				r.name(keyOf(d.pkg.TypesInfo.Defs[name]))
			}
		}
		r.follow(d, node, true)
	case *ast.TypeSpec:
		r.visitType(d, node)
	default: // its value runs, and so do the functions in it
		r.follow(d, node, true)
	}
}

// visitType follows a type, and the fields of a struct as far as they are used.
func (r *reach) visitType(d declared, node *ast.TypeSpec) {
	kind, ok := node.Type.(*ast.StructType)
	if !ok {
		r.follow(d, node, false)
		return
	}
	if node.TypeParams != nil {
		r.follow(d, node.TypeParams, false)
	}
	for _, field := range kind.Fields.List {
		for _, name := range field.Names {
			object := d.pkg.TypesInfo.Defs[name]
			if !name.IsExported() && name.Name != "_" && !r.used[object] {
				r.hidden[object] = hiddenField{d, field.Type}
				continue
			}
			r.used[object] = true
			r.follow(d, field.Type, false)
		}
		if field.Names == nil {
			r.follow(d, field.Type, false)
		}
	}
}

// use puts a field into the copy.
func (r *reach) use(field types.Object) {
	if r.used[field] {
		return
	}
	r.used[field] = true
	if h, ok := r.hidden[field]; ok {
		r.follow(h.declared, h.node, false)
	}
}

// useAll puts all fields of a struct into the copy, for a literal without their names.
func (r *reach) useAll(d declared, literal *ast.CompositeLit) {
	if len(literal.Elts) == 0 {
		return
	}
	if _, named := literal.Elts[0].(*ast.KeyValueExpr); named {
		return
	}
	t := d.pkg.TypesInfo.TypeOf(literal)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok {
		for field := range s.Fields() {
			r.use(field)
		}
	}
}

// follow names what is used in a piece of code; runs says that it is executed.
func (r *reach) follow(d declared, node ast.Node, runs bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		if literal, ok := n.(*ast.CompositeLit); ok {
			r.useAll(d, literal)
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		object := d.pkg.TypesInfo.Uses[id]
		if object == nil || object.Pkg() == nil {
			return true
		}
		if !isOurs(object.Pkg().Path()) {
			if runs {
				r.bodies[object.Pkg().Path()] = true
			}
			return true
		}
		if field, ok := object.(*types.Var); ok && field.IsField() {
			r.use(field.Origin())
			return true
		}
		f, isFunction := object.(*types.Func)
		if isFunction && runs {
			if recv := f.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
				r.call(f.Name())
				return true
			}
		}
		key := keyOf(object)
		r.name(key)
		if isFunction && runs {
			r.run1(key)
		}
		return true
	})
}

// call has all methods of a name in the copy, with their bodies.
func (r *reach) call(name string) {
	if r.dynamic[name] {
		return
	}
	r.dynamic[name] = true
	for _, methods := range r.methods {
		for _, key := range methods {
			if r.named[key] && strings.HasSuffix(key, "."+name) {
				r.run1(key)
			}
		}
	}
}
