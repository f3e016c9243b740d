package answers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// further are all hidden checks.
var further = map[string]any{
	"CheckBaselineFurther": CheckBaselineFurther, "CheckDesignLearnsFurther": CheckDesignLearnsFurther, "CheckSettingsFurther": CheckSettingsFurther,
	"CheckAccuracyFurther":                 CheckAccuracyFurther,
	"CheckAdamStepFurther":                 CheckAdamStepFurther,
	"CheckArgmaxFurther":                   CheckArgmaxFurther,
	"CheckBackwardPassFurther":             CheckBackwardPassFurther,
	"CheckBackwardFurther":                 CheckBackwardFurther,
	"CheckBatchStatisticsFurther":          CheckBatchStatisticsFurther,
	"CheckBatchesFurther":                  CheckBatchesFurther,
	"CheckBestEpochFurther":                CheckBestEpochFurther,
	"CheckBigEndianFurther":                CheckBigEndianFurther,
	"CheckClassMeansFurther":               CheckClassMeansFurther,
	"CheckConvolutionCostFurther":          CheckConvolutionCostFurther,
	"CheckConvolutionWeightsFurther":       CheckConvolutionWeightsFurther,
	"CheckConvolveChannelsFurther":         CheckConvolveChannelsFurther,
	"CheckConvolveFurther":                 CheckConvolveFurther,
	"CheckConvolvePaddingAndStrideFurther": CheckConvolvePaddingAndStrideFurther,
	"CheckCountClassesFurther":             CheckCountClassesFurther,
	"CheckCrossEntropyFromLogitsFurther":   CheckCrossEntropyFromLogitsFurther,
	"CheckCrossEntropyFurther":             CheckCrossEntropyFurther,
	"CheckConvolveBackwardFurther":         CheckConvolveBackwardFurther,
	"CheckDecayStepFurther":                CheckDecayStepFurther,
	"CheckDropoutBackwardFurther":          CheckDropoutBackwardFurther,
	"CheckFalseAlarmsFurther":              CheckFalseAlarmsFurther,
	"CheckMaxPoolBackwardFurther":          CheckMaxPoolBackwardFurther,
	"CheckNetworkCostFurther":              CheckNetworkCostFurther,
	"CheckNormalizeBackwardFurther":        CheckNormalizeBackwardFurther,
	"CheckDescendFurther":                  CheckDescendFurther,
	"CheckDistinguishableFurther":          CheckDistinguishableFurther,
	"CheckDropoutFurther":                  CheckDropoutFurther,
	"CheckForwardPassFurther":              CheckForwardPassFurther,
	"CheckEvaluateFurther":                 CheckEvaluateFurther,
	"CheckGradientFurther":                 CheckGradientFurther,
	"CheckGradientsFurther":                CheckGradientsFurther,
	"CheckHeWeightsFurther":                CheckHeWeightsFurther,
	"CheckLayerFurther":                    CheckLayerFurther,
	"CheckLogSumExpFurther":                CheckLogSumExpFurther,
	"CheckLogitsFurther":                   CheckLogitsFurther,
	"CheckLossFurther":                     CheckLossFurther,
	"CheckMaxPoolFurther":                  CheckMaxPoolFurther,
	"CheckMeanAndRangeFurther":             CheckMeanAndRangeFurther,
	"CheckMomentumStepFurther":             CheckMomentumStepFurther,
	"CheckNormalizeEvaluationFurther":      CheckNormalizeEvaluationFurther,
	"CheckNormalizeTrainingFurther":        CheckNormalizeTrainingFurther,
	"CheckNumericalGradientFurther":        CheckNumericalGradientFurther,
	"CheckReliabilityFurther":              CheckReliabilityFurther,
	"CheckSplitGroupsFurther":              CheckSplitGroupsFurther,
	"CheckOutputErrorFurther":              CheckOutputErrorFurther,
	"CheckOrderFurther":                    CheckOrderFurther,
	"CheckOutputSizeFurther":               CheckOutputSizeFurther,
	"CheckPickFurther":                     CheckPickFurther,
	"CheckPixelFurther":                    CheckPixelFurther,
	"CheckRateAtFurther":                   CheckRateAtFurther,
	"CheckReceptiveFieldFurther":           CheckReceptiveFieldFurther,
	"CheckScaleFurther":                    CheckScaleFurther,
	"CheckShapeFurther":                    CheckShapeFurther,
	"CheckSoftmaxByFormulaFurther":         CheckSoftmaxByFormulaFurther,
	"CheckSoftmaxFurther":                  CheckSoftmaxFurther,
	"CheckSoftmaxAtFurther":                CheckSoftmaxAtFurther,
	"CheckSplitFurther":                    CheckSplitFurther,
	"CheckStepFurther":                     CheckStepFurther,
	"CheckStepsFurther":                    CheckStepsFurther,
	"CheckStopEpochFurther":                CheckStopEpochFurther,
	"CheckTrainEpochFurther":               CheckTrainEpochFurther,
	"CheckUpdateFurther":                   CheckUpdateFurther,
	"CheckUpdateRunningFurther":            CheckUpdateRunningFurther,
	"CheckOwnNetworkFurther":               func(f modelFunc) error { return CheckOwnNetworkFurther(f, studentCalled("ada")) },
}

// A hidden check is a graded cell of its own: it runs whatever the visible one says, and what
// a function that does nothing returns earns nothing there.
func TestAHiddenCheckStandsAlone(t *testing.T) {
	for name, check := range further {
		c := reflect.ValueOf(check)
		function := c.Type().In(0)
		for kind, fill := range fillings {
			answer := reflect.MakeFunc(function, func(args []reflect.Value) []reflect.Value {
				out := make([]reflect.Value, function.NumOut())
				for i := range out {
					out[i] = fill(function.Out(i), args)
				}
				return out
			})
			func() {
				defer func() {
					if value := recover(); value != nil {
						t.Errorf("%s panics with a function that returns %s: %v", name, kind, value)
					}
				}()
				if err, _ := c.Call([]reflect.Value{answer})[0].Interface().(error); err == nil && kind != "its argument" {
					t.Errorf("%s passes a function that returns %s", name, kind)
				}
			}()
		}
	}
}

// fillings are results that take no thought, by what they are.
var fillings = map[string]func(t reflect.Type, args []reflect.Value) reflect.Value{
	"zero": func(t reflect.Type, _ []reflect.Value) reflect.Value { return reflect.Zero(t) },
	"one element": func(t reflect.Type, _ []reflect.Value) reflect.Value {
		return oneElement(t)
	},
	"its argument": func(t reflect.Type, args []reflect.Value) reflect.Value {
		for _, arg := range args {
			if arg.Type() == t {
				return arg
			}
		}
		return reflect.Zero(t)
	},
}

// oneElement is a slice with one element, in which all slices have one, or zero.
func oneElement(t reflect.Type) reflect.Value {
	if t.Kind() != reflect.Slice {
		return reflect.Zero(t)
	}
	s := reflect.MakeSlice(t, 1, 1)
	s.Index(0).Set(oneElement(t.Elem()))
	return s
}

func TestEachHiddenCheckIsListed(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Check") && further[f.Name.Name] == nil {
				t.Errorf("%s is not among the hidden checks that are tested", f.Name.Name)
			}
		}
	}
}
