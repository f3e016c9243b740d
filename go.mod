module fashionlab

go 1.26.5

require (
	github.com/gomlx/gomlx v0.28.2
	github.com/gomlx/go-xla v0.4.1
	github.com/gomlx/compute v0.1.3
	github.com/janpfeifer/gonb v0.11.4
	github.com/janpfeifer/must v0.2.0
	gonum.org/v1/plot v0.15.2
)

tool github.com/janpfeifer/gonb
